#include "catalogue/pack.h"

#include <algorithm>
#include <set>

#include "base/json.h"
#include "base/text.h"
#include "catalogue/detail/service_process.h"
#include "process/rules.h"

namespace madang::catalogue {
namespace {

constexpr std::size_t kMaxFile = 5U << 20;
constexpr std::size_t kMaxFiles = 1000;
constexpr std::size_t kMaxRetentionText = 400;   // bytes, as a legal ground has

bool is_name(std::string_view text) {
    return !text.empty() && text.size() <= 64 && text[0] >= 'a' && text[0] <= 'z' && std::ranges::all_of(text, [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
    });
}

Result<std::string> read_below(const Path& folder, std::string_view relative) {
    TRY(const Path path, path_below(folder, relative));
    return read_file(path, kMaxFile);
}

Result<json::object> read_object(const Path& folder, std::string_view relative) {
    TRY(const std::string text, read_below(folder, relative));
    TRY(const json::value value, within(parse_json(text), relative));
    if (!value.is_object()) return fail(Code::invalid, format("{}: an object was expected", relative));
    return value.get_object();
}

Result<std::vector<std::string>> texts_at(const json::object& object, std::string_view key, std::string_view where) {
    TRY(const json::array list, array_at(object, key, where));
    std::vector<std::string> texts;
    for (const json::value& item : list) {
        if (!item.is_string() || item.get_string().empty()) return fail(Code::invalid, format("{}: \"{}\" must list texts", where, key));
        texts.emplace_back(item.get_string());
    }
    return texts;
}

Result<void> check_words(const std::vector<std::string>& given, const std::set<std::string>& known, std::string_view key,
                         std::string_view where) {
    for (const std::string& word : given) {
        if (!known.contains(word)) return fail(Code::invalid, format("{}: \"{}\" does not know \"{}\"", where, key, word));
    }
    return {};
}

Result<std::vector<Ground>> grounds_of(const json::object& object, std::string_view where) {
    std::vector<Ground> grounds;
    TRY(const json::array list, array_at(object, "grounds", where));
    for (const json::value& item : list) {
        const std::string place = format("{}, grounds[{}]", where, grounds.size());
        if (!item.is_object()) return fail(Code::invalid, format("{}: an object was expected", place));
        Ground ground;
        TRY(ground.id, string_at(item.get_object(), "id", place));
        TRY(ground.text, string_at(item.get_object(), "text", place));
        TRY(const std::string outcome, string_at(item.get_object(), "outcome", place));
        TRY_DO(check_words({outcome}, {"grant", "refuse"}, "outcome", place));
        ground.outcome = outcome == "grant" ? Ground::Outcome::grant : Ground::Outcome::refuse;
        if (std::ranges::any_of(grounds, [&](const Ground& g) { return g.id == ground.id; })) {
            return fail(Code::invalid, format("{}: the id \"{}\" stands twice", place, ground.id));
        }
        grounds.push_back(std::move(ground));
    }
    for (const auto outcome : {Ground::Outcome::grant, Ground::Outcome::refuse}) {
        if (std::ranges::none_of(grounds, [&](const Ground& g) { return g.outcome == outcome; })) {
            return fail(Code::invalid, format("{}: an officer needs a ground to grant and one to refuse", where));
        }
    }
    return grounds;
}

std::uint64_t add_to_checksum(std::uint64_t hash, std::string_view text) {
    for (const char c : text) hash = (hash ^ static_cast<std::uint8_t>(c)) * 0x100000001b3U;
    return hash;
}

// The files of a service, each read as what it is.
Result<void> load_files(Service& service, const json::object& object, const Path& folder, const std::string& base,
                        const std::string& where, const Pack& pack) {
    std::uint64_t checksum = add_to_checksum(0xcbf29ce484222325U, json::serialize(object));
    std::map<std::string, std::pair<std::string, std::string>> files;   // name and text by key
    for (const std::string key : {"form", "process", "decision", "certificate", "scenarios"}) {
        TRY(const std::string name, string_at(object, key, where));
        TRY(std::string text, read_below(folder, base + "/" + name));
        checksum = add_to_checksum(checksum, text);
        files[key] = {base + "/" + name, std::move(text)};
    }
    TRY(service.form, form::parse_form(files["form"].second, files["form"].first));
    TRY(auto processes, process::read_bpmn(files["process"].second, files["process"].first));
    TRY_DO(take_processes(service, std::move(processes), files["process"].first));
    TRY_DO(process::require_rules(files["process"].second, files["process"].first));
    TRY(service.decisions, decision::parse_dmn(files["decision"].second, files["decision"].first));
    TRY(service.scenarios, parse_feature(files["scenarios"].second, files["scenarios"].first));
    TRY_DO(within(parse_json(files["certificate"].second), files["certificate"].first));
    TRY_DO(check_processes(service, pack.roles, files["process"].first));
    service.certificate = std::move(files["certificate"].second);
    service.version = format("{}+{:016x}", pack.version, checksum);
    return {};
}

// 1 to 12 digits and two after the point.
bool is_amount(std::string_view text) {
    const std::size_t point = text.find('.');
    const auto digits = [](std::string_view part) { return !part.empty() && std::ranges::all_of(part, [](char c) { return c >= '0' && c <= '9'; }); };
    return point != std::string_view::npos && point <= 12 && text.size() == point + 3 && digits(text.substr(0, point)) && digits(text.substr(point + 1));
}

Result<std::vector<json::object>> objects_or_none(const json::object& object, std::string_view key, std::string_view where) {
    std::vector<json::object> found;
    if (!object.contains(key)) return found;
    TRY(const json::array list, array_at(object, key, where));
    for (const json::value& item : list) {
        if (!item.is_object()) return fail(Code::invalid, format("{}: \"{}\" lists objects", where, key));
        found.push_back(item.get_object());
    }
    return found;
}

Result<void> read_fee(Service& service, const json::object& fee, const std::string& where) {
    TRY_DO(check_keys(fee, {"amount", "currency", "exemptions", "refunds", "pay_by"}, where));
    TRY(service.fee_amount, string_at(fee, "amount", where));
    TRY(service.fee_currency, string_at(fee, "currency", where));
    if (!is_amount(service.fee_amount)) return fail(Code::invalid, format("{}: \"amount\" is written like 12.50", where));
    TRY(const auto exemptions, objects_or_none(fee, "exemptions", where));
    for (const json::object& one : exemptions) {
        TRY_DO(check_keys(one, {"id", "text", "article"}, where));
        Exemption exemption;
        TRY(exemption.id, string_at(one, "id", where));
        TRY(exemption.text, string_at(one, "text", where));
        TRY(exemption.article, string_at(one, "article", where));
        service.exemptions.push_back(std::move(exemption));
    }
    TRY(const auto refunds, objects_or_none(fee, "refunds", where));
    for (const json::object& one : refunds) {
        TRY_DO(check_keys(one, {"when", "article"}, where));
        Refund refund;
        TRY(refund.when, string_at(one, "when", where));
        TRY_DO(check_words({refund.when}, {"withdrawn", "refused", "late", "merged"}, "when", where));
        TRY(refund.article, string_at(one, "article", where));
        service.refunds.push_back(std::move(refund));
    }
    if (!fee.contains("pay_by")) return {};
    TRY(const json::object pay_by, object_at(fee, "pay_by", where));
    TRY_DO(check_keys(pay_by, {"term", "article"}, where + ", pay_by"));
    TRY(const json::object term, object_at(pay_by, "term", where + ", pay_by"));
    service.pay_by.emplace();
    TRY(service.pay_by->term, government::parse_term(term, where + ", pay_by"));
    TRY(service.pay_by->article, string_at(pay_by, "article", where + ", pay_by"));
    return {};
}

Result<void> read_procedure(Service& service, const json::object& object, const Pack& pack, const std::string& where) {
    service.four_eyes = bool_or(object, "four_eyes", false);
    if (object.contains("completion")) {
        const std::string place = where + ", completion";
        TRY(const json::object completion, object_at(object, "completion", where));
        TRY_DO(check_keys(completion, {"term", "article", "unanswered"}, place));
        TRY(const json::object term, object_at(completion, "term", place));
        Completion found;
        TRY(found.term, government::parse_term(term, place + ", term"));
        TRY(found.article, string_at(completion, "article", place));
        const std::string unanswered = string_or(completion, "unanswered", "officer");
        TRY_DO(check_words({unanswered}, {"officer", "lapse"}, "unanswered", place));
        if (unanswered == "lapse") found.unanswered = Completion::Unanswered::lapse;
        service.completion = std::move(found);
    }
    if (object.contains("appeal")) {
        const std::string place = where + ", appeal";
        TRY(const json::object appeal, object_at(object, "appeal", where));
        TRY_DO(check_keys(appeal, {"body", "term", "within_days", "article"}, place));
        Appeal found;
        TRY(found.body, string_at(appeal, "body", place));
        if (pack.government.find(found.body) == nullptr) return fail(Code::invalid, format("{}: government.json has no body \"{}\"", place, found.body));
        TRY(const json::object term, object_at(appeal, "term", place));
        TRY(found.term, government::parse_term(term, place + ", term"));
        TRY(const std::int64_t days, integer_at(appeal, "within_days", place));
        if (days < 1 || days > 3650) return fail(Code::invalid, format("{}: \"within_days\" is 1 to 3650", place));
        found.within_days = static_cast<int>(days);
        TRY(found.article, string_at(appeal, "article", place));
        service.appeal = std::move(found);
    }
    return {};
}

Result<void> read_retention(Service& service, const json::object& object, const std::string& where) {
    if (!object.contains("retention")) return {};
    const std::string place = where + ", retention";
    TRY(const json::object retention, object_at(object, "retention", where));
    TRY_DO(check_keys(retention, {"class", "years", "article"}, place));
    Retention found;
    TRY(found.category, string_at(retention, "class", place));
    TRY(found.article, string_at(retention, "article", place));
    if (found.category.empty() || found.category.size() > kMaxRetentionText) return fail(Code::invalid, format("{}: \"class\" has 1 to {} bytes", place, kMaxRetentionText));
    if (found.article.empty() || found.article.size() > kMaxRetentionText) return fail(Code::invalid, format("{}: \"article\" has 1 to {} bytes", place, kMaxRetentionText));
    if (retention.contains("years")) {
        TRY(const std::int64_t years, integer_at(retention, "years", place));
        if (years < 1 || years > 1000) return fail(Code::invalid, format("{}: \"years\" is 1 to 1000; without it a case is kept for ever", place));
        found.years = static_cast<int>(years);
    }
    service.retention = std::move(found);
    return {};
}

Result<Service> load_service(const Path& folder, const std::string& base, const Pack& pack) {
    const std::string where = base + "/service.json";
    TRY(const json::object object, read_object(folder, where));
    TRY_DO(check_keys(object, {"id", "number", "name", "summary", "life_event", "legal_basis", "provider", "who_can_apply",
                               "minutes_to_apply", "fee", "term", "validity", "citizen_brings", "body_asks", "other_channels",
                               "applicants", "form", "process", "decision", "certificate", "scenarios", "grounds", "four_eyes",
                               "completion", "appeal", "retention"}, where));
    Service service;
    TRY(service.id, string_at(object, "id", where));
    if (!is_name(service.id)) return fail(Code::invalid, format("{}: \"id\" must be like certificate-of-residence", where));
    TRY(service.number, string_at(object, "number", where));
    TRY(service.name, string_at(object, "name", where));
    TRY(service.summary, string_at(object, "summary", where));
    TRY(service.life_event, string_at(object, "life_event", where));
    TRY(const json::object basis, object_at(object, "legal_basis", where));
    TRY(service.act, string_at(basis, "act", where));
    TRY(service.article, string_at(basis, "article", where));
    service.frame = string_or(basis, "frame", "");
    TRY(service.provider, string_at(object, "provider", where));
    if (pack.government.find(service.provider) == nullptr) {
        return fail(Code::invalid, format("{}: government.json has no body \"{}\"", where, service.provider));
    }
    TRY(service.who_can_apply, texts_at(object, "who_can_apply", where));
    TRY(service.minutes_to_apply, integer_at(object, "minutes_to_apply", where));
    TRY(const json::object fee, object_at(object, "fee", where));
    TRY_DO(read_fee(service, fee, where + ", fee"));
    TRY(const json::object term, object_at(object, "term", where));
    TRY(service.term, government::parse_term(term, where + ", term"));
    TRY_DO(read_procedure(service, object, pack, where));
    TRY_DO(read_retention(service, object, where));
    if (object.contains("validity")) {
        TRY(const json::object validity, object_at(object, "validity", where));
        TRY(const std::int64_t months, integer_at(validity, "months", where));
        if (months < 1 || months > 1200) return fail(Code::invalid, format("{}: \"validity\" is 1 to 1200 months", where));
        service.validity_months = static_cast<int>(months);
    }
    TRY(service.citizen_brings, texts_at(object, "citizen_brings", where));
    TRY(service.body_asks, texts_at(object, "body_asks", where));
    TRY(service.other_channels, texts_at(object, "other_channels", where));
    TRY_DO(check_words(service.other_channels, {"counter", "phone"}, "other_channels", where));
    if (service.other_channels.empty()) {
        return fail(Code::invalid, format("{}: a service needs a channel besides the portal", where));
    }
    TRY(service.applicants, texts_at(object, "applicants", where));
    TRY_DO(check_words(service.applicants, {"self", "parent", "representative"}, "applicants", where));
    TRY(service.grounds, grounds_of(object, where));
    TRY_DO(load_files(service, object, folder, base, where, pack));
    return service;
}

}  // namespace

const Ground* Service::find_ground(std::string_view ground_id) const {
    const auto found = std::ranges::find(grounds, ground_id, &Ground::id);
    return found == grounds.end() ? nullptr : &*found;
}

const Exemption* Service::find_exemption(std::string_view exemption_id) const {
    const auto found = std::ranges::find(exemptions, exemption_id, &Exemption::id);
    return found == exemptions.end() ? nullptr : &*found;
}

const Refund* Service::find_refund(std::string_view when) const {
    const auto found = std::ranges::find(refunds, when, &Refund::when);
    return found == refunds.end() ? nullptr : &*found;
}

bool Service::is_free() const { return fee_amount.find_first_not_of("0.") == std::string::npos; }

const Service* Pack::find_service(std::string_view service_id) const {
    const auto found = std::ranges::find(services, service_id, &Service::id);
    return found == services.end() ? nullptr : &*found;
}

const Catalogue& Pack::words_in(std::string_view language) const {
    const auto found = words.find(language);
    return found != words.end() ? found->second : words.find(languages.front())->second;
}

Result<Pack> load_pack(const Path& folder) {
    TRY_DO(list_files(folder, kMaxFiles));  // refuses links and floods
    constexpr std::string_view kWhere = "pack.json";
    TRY(const json::object object, read_object(folder, kWhere));
    TRY_DO(check_keys(object, {"id", "version", "site_name", "country", "languages", "certificate_languages", "colour", "government",
                               "registers", "people", "services", "demo", "licence", "roles"}, kWhere));
    Pack pack;
    TRY(pack.id, string_at(object, "id", kWhere));
    if (!is_name(pack.id)) return fail(Code::invalid, "pack.json: \"id\" must be lower-case letters, digits and hyphens");
    TRY(pack.version, string_at(object, "version", kWhere));
    TRY(pack.site_name, string_at(object, "site_name", kWhere));
    TRY(pack.languages, texts_at(object, "languages", kWhere));
    if (pack.languages.empty()) return fail(Code::invalid, "pack.json: a pack speaks at least one language");
    TRY(pack.certificate_languages, texts_at(object, "certificate_languages", kWhere));
    TRY_DO(check_words(pack.certificate_languages, {pack.languages.begin(), pack.languages.end()}, "certificate_languages", kWhere));
    TRY(const json::object country, object_at(object, "country", kWhere));
    for (const std::string& language : pack.languages) {
        TRY(pack.country[language], string_at(country, language, "pack.json, country"));
        const std::string file = "po/" + language + ".po";
        TRY(const std::string text, read_below(folder, file));
        TRY(pack.words[language], parse_po(text, file));
    }
    TRY(pack.colour, string_at(object, "colour", kWhere));
    if (pack.colour.size() != 7 || pack.colour[0] != '#' || !parse_hex(std::string_view(pack.colour).substr(1))) {
        return fail(Code::invalid, "pack.json: \"colour\" must be like #00695c");
    }
    pack.demo = bool_or(object, "demo", false);
    if (object.contains("roles")) {
        TRY(pack.roles, texts_at(object, "roles", kWhere));
        for (const std::string& role : pack.roles) {
            if (!is_name(role)) return fail(Code::invalid, format("pack.json: the role \"{}\" must be lower-case letters, digits and hyphens", role));
        }
    }
    TRY(const std::string government_file, string_at(object, "government", kWhere));
    TRY(const std::string government_text, read_below(folder, government_file));
    TRY(pack.government, government::parse_government(government_text, government_file));
    TRY(const auto register_files, texts_at(object, "registers", kWhere));
    for (const std::string& file : register_files) {
        TRY(const std::string text, read_below(folder, file));
        TRY(registers::Definition definition, registers::parse_definition(text, file));
        pack.registers.push_back(std::move(definition));
    }
    if (object.contains("people")) {
        TRY(const std::string file, string_at(object, "people", kWhere));
        TRY(const std::string text, read_below(folder, file));
        TRY(pack.people, parse_people(text, file));
    }
    TRY(const auto service_folders, texts_at(object, "services", kWhere));
    for (const std::string& base : service_folders) {
        TRY(Service service, load_service(folder, base, pack));
        if (pack.find_service(service.id) != nullptr) return fail(Code::invalid, format("{}: the id \"{}\" stands twice", base, service.id));
        pack.services.push_back(std::move(service));
    }
    return pack;
}

}  // namespace madang::catalogue
