#include "cli/settings.h"

#include <toml++/toml.h>

#include <algorithm>
#include <charconv>

#include "base/check.h"
#include "base/file.h"
#include "base/text.h"

namespace madang::cli {
namespace {

constexpr std::size_t kMaxFile = 64U << 10;

std::string variable_of(std::string_view name) {
    std::string variable = "MADANG_";
    for (const char c : name) variable.push_back(c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c);
    return variable;
}

std::vector<std::string> names() {
    std::vector<std::string> result;
    for (const SettingSpec& spec : setting_specs()) result.emplace_back(spec.name);
    return result;
}

Result<void> check_value(const SettingSpec& spec, const SettingValue& value) {
    if (spec.kind == SettingKind::whole_number && !parse_decimal(value.value)) {
        return fail(Code::invalid, format("{}: \"{}\" must be a whole number", value.origin, spec.name));
    }
    return {};
}

using Found = std::map<std::string, SettingValue, std::less<>>;

Result<Found> read_toml(const std::string& path) {
    TRY(const std::string content, read_file(path, kMaxFile));
    Found found;
    try {  // toml++ reports by exceptions; they end here
        const toml::table table = toml::parse(content, path);
        for (const auto& [key, node] : table) {
            const std::string name(key.str());
            const std::string where = format("{}:{}", path, node.source().begin.line);
            const auto all = names();
            if (std::ranges::find(all, name) == all.end()) {
                const auto near = nearest(name, all);
                return fail(Code::invalid, format("{}: there is no setting \"{}\"{}", where, name,
                                                  near ? format("; did you mean \"{}\"?", *near) : std::string()));
            }
            if (const auto* text = node.as_string()) {
                found[name] = {text->get(), where};
            } else if (const auto* number = node.as_integer(); number != nullptr && number->get() >= 0) {
                found[name] = {std::to_string(number->get()), where};
            } else {
                return fail(Code::invalid, format("{}: \"{}\" must be a text or a whole number", where, name));
            }
        }
    } catch (const toml::parse_error& error) {
        return fail(Code::invalid, format("{}:{}:{}: {}", path, error.source().begin.line, error.source().begin.column,
                                          error.description()));
    }
    return found;
}

}  // namespace

const std::vector<SettingSpec>& setting_specs() {
    static const std::vector<SettingSpec> specs{
        {"data", SettingKind::path, "data", "folder of this installation: store, keys, remembered checkpoints"},
        {"pack", SettingKind::path, "", "folder of the country's pack (default: the one that `madang init` was given)"},
        {"store", SettingKind::secret, "", "postgres://user@host/name, or empty for SQLite in the data folder"},
        {"listen", SettingKind::text, "127.0.0.1:8080", "address and port of the portal"},
        {"public_url", SettingKind::text, "", "address that people and QR codes use (default: http://<listen>)"},
        {"tls_certificate", SettingKind::path, "", "PEM chain; with tls_key the portal speaks TLS 1.3 only"},
        {"tls_key", SettingKind::path, "", "PEM key of tls_certificate"},
        {"trusted_proxies", SettingKind::text, "", "addresses, comma separated, whose X-Forwarded-For is believed"},
        {"workers", SettingKind::whole_number, "64", "threads for requests that wait for the store"},
        {"requests_per_minute", SettingKind::whole_number, "1200", "requests of one client address in a minute; 0 is no limit"},
        {"payment_url", SettingKind::text, "", "where applicants pay, at a provider that sends signed notices (default: the cash desk)"},
        {"payment_secret", SettingKind::secret, "", "shared with the payment provider, 32 bytes or more"},
        {"events_token", SettingKind::secret, "", "with which machines send events to /api/v1/events, 32 bytes or more (default: nobody may)"},
        {"events_syslog", SettingKind::text, "", "address and port for syslog over UDP and TCP, as 127.0.0.1:5514 (default: none)"},
        {"events_syslog_tls", SettingKind::text, "", "address and port for syslog over TLS, as 0.0.0.0:6514 (default: none)"},
        {"events_tls_certificate", SettingKind::path, "", "PEM chain for events_syslog_tls (default: tls_certificate)"},
        {"events_tls_key", SettingKind::path, "", "PEM key of events_tls_certificate (default: tls_key)"},
        {"events_syslog_clients", SettingKind::path, "", "PEM certificates of authorities: only their senders come in over TLS, named by their certificates (default: anybody)"},
        {"events_files", SettingKind::text, "", "log files that are followed, as /var/log/nginx/access.log=web_access, with commas between them (default: none)"},
        {"events_kafka", SettingKind::text, "", "brokers of Kafka, as kafka1:9092,kafka2:9092 (default: none)"},
        {"events_kafka_topics", SettingKind::text, "", "topics that are read and what they hold, as winlogs=json, syslog=syslog (default: none)"},
        {"events_kafka_group", SettingKind::text, "madang", "group of nodes that share these topics"},
        {"events_kafka_write", SettingKind::text, "", "topic to which arriving events are written instead of being kept here (default: none)"},
        {"events_kafka_properties", SettingKind::path, "", "file with more properties of librdkafka, NAME = VALUE a line: security.protocol, sasl.*, ssl.* (default: none)"},
        {"events_log_sources", SettingKind::text, "", "what sources, followed files and programs (app:NAME) send, as category/product/service: 10.0.0.7=/cisco/aaa, app:haproxy=//haproxy"},
        {"events_log_places", SettingKind::path, "", "a YAML file that says where log sources of Sigma rules stand in logs (default: the program's own)"},
        {"events_ecs", SettingKind::path, "", "a YAML file of the fields' names in the Elastic Common Schema (default: the program's own)"},
        {"events_times", SettingKind::path, "", "a YAML file of the fields that state times, and the zones of sources whose times name none (default: the program's own)"},
        {"events_placeholders", SettingKind::path, "", "a YAML file with the values of placeholders in Sigma rules, as domain_controller_hostnames: [dc1, dc2]"},
        {"events_rules", SettingKind::text, "", "files, zip archives or folders of Sigma rules, with commas between them, that watch arriving events (default: none)"},
        {"events_domains", SettingKind::text, "", "fields of arriving events in which names of hosts are judged, as dns.question.name, QueryName (default: none)"},
        {"events_baselines", SettingKind::text, "", "fields whose values do what is usual or not, hour by hour, as user.name, host.name, source.ip (default: none)"},
        {"events_models", SettingKind::text, "", "models whose approved version judges arriving events, as network-flows, http-requests (default: none)"},
        {"events_timezone", SettingKind::text, "", "zone of the hours for events_baselines, as Europe/Minsk (default: the one of the pack)"},
        {"detections_token", SettingKind::secret, "", "with which programs read /api/v1/detections, 32 bytes or more (default: nobody may)"},
        {"events_zone", SettingKind::text, "+00:00", "zone of times in syslog that name none (RFC 3164), as +03:00"},
        {"events_days", SettingKind::whole_number, "365", "days that events are kept"},
        {"events_gigabytes", SettingKind::whole_number, "100", "gigabytes, packed, of events that are kept; the oldest go first"},
        {"events_unread_gigabytes", SettingKind::whole_number, "10", "gigabytes beyond these, until which nothing goes that rules did not look at yet"},
        {"log", SettingKind::text, "auto", "human, json, or auto: human on a terminal"},
    };
    return specs;
}

Result<Settings> Settings::load(const std::map<std::string, std::string>& flags, const Environment& environment,
                                const std::string& toml_path, bool toml_was_asked_for) {
    Found file;
    if (!toml_path.empty()) {
        auto read = read_toml(toml_path);
        if (!read && (toml_was_asked_for || read.error().code != Code::not_found)) return std::unexpected(read.error());
        if (read) file = std::move(*read);
    }
    Settings settings;
    for (const SettingSpec& spec : setting_specs()) {
        const std::string name(spec.name);
        const std::string variable = variable_of(name);
        SettingValue value{std::string(spec.fallback), "default"};
        if (const auto found = flags.find(name); found != flags.end()) {
            std::string flag = name;
            std::ranges::replace(flag, '_', '-');
            value = {found->second, "--" + flag};
        } else if (const auto given = environment(variable)) {
            value = {*given, variable};
        } else if (const auto path = environment(variable + "_FILE")) {
            TRY(const std::string content, within(read_file(*path, kMaxFile), variable + "_FILE"));
            value = {std::string(trim(content)), variable + "_FILE"};
        } else if (const auto in_file = file.find(name); in_file != file.end()) {
            value = in_file->second;
        }
        TRY_DO(check_value(spec, value));
        settings.values_[name] = std::move(value);
    }
    return settings;
}

const SettingValue& Settings::at(std::string_view name) const {
    const auto found = values_.find(name);
    MADANG_CHECK(found != values_.end());
    return found->second;
}

const std::string& Settings::text(std::string_view name) const { return at(name).value; }

std::int64_t Settings::number(std::string_view name) const {
    return static_cast<std::int64_t>(*parse_decimal(at(name).value));
}

}  // namespace madang::cli
