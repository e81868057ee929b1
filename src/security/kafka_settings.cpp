#include <algorithm>
#include <array>

#include "base/text.h"
#include "security/kafka.h"

namespace madang::security {
namespace {

constexpr std::size_t kMaxTopics = 100;
constexpr std::size_t kMaxTopicName = 249;
constexpr std::size_t kMaxProperties = 200;

// What the promise of this house stands on.
constexpr std::array<std::string_view, 14> kOwn{"metadata.broker.list", "bootstrap.servers", "group.id", "enable.auto.commit", "auto.commit.interval.ms", "enable.auto.offset.store",
                                                "auto.offset.reset", "enable.idempotence", "acks", "request.required.acks", "message.timeout.ms", "delivery.timeout.ms",
                                                "max.in.flight", "max.in.flight.requests.per.connection"};

}  // namespace

Result<std::vector<KafkaProperty>> parse_kafka_properties(std::string_view text, std::string_view file) {
    std::vector<KafkaProperty> all;
    std::size_t number = 0;
    for (const auto line : split(text, '\n')) {
        ++number;
        const std::string_view one = trim(line);
        if (one.empty() || one.starts_with('#')) continue;
        std::string where = format("{}:{}", file, number);
        const std::size_t equals = one.find('=');
        const std::string_view name = trim(one.substr(0, std::min(equals, one.size())));
        if (equals == std::string_view::npos || name.empty()) return fail(Code::invalid, format("{}: a property is NAME = VALUE", where));
        if (std::ranges::find(kOwn, name) != kOwn.end()) return fail(Code::invalid, format("{}: {} is set by madang itself", where, name));
        if (all.size() == kMaxProperties) return fail(Code::exhausted, format("{}: at most {} properties", where, kMaxProperties));
        all.push_back({std::string(name), std::string(trim(one.substr(equals + 1))), std::move(where)});
    }
    return all;
}

Result<void> check_kafka_topic(std::string_view name) {
    const bool good = std::ranges::all_of(name, [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == '_' || c == '-'; });
    if (good && !name.empty() && name.size() <= kMaxTopicName && name != "." && name != "..") return {};
    return fail(Code::invalid, format("\"{}\" is no name of a topic: 1 to {} letters, digits, dots, low lines and hyphens", name, kMaxTopicName));
}

Result<std::vector<KafkaTopic>> parse_kafka_topics(std::string_view text) {
    std::vector<KafkaTopic> all;
    for (const auto part : split(text, ',')) {
        const std::string_view one = trim(part);
        if (one.empty()) continue;
        const std::size_t equals = one.rfind('=');
        if (equals == std::string_view::npos) return fail(Code::invalid, format("\"{}\": a topic is NAME=FORMAT", one));
        const std::string_view name = trim(one.substr(0, equals));
        TRY_DO(check_kafka_topic(name));
        TRY(const LineFormat lines, parse_line_format(trim(one.substr(equals + 1))));
        if (std::ranges::find(all, name, &KafkaTopic::name) != all.end()) return fail(Code::invalid, format("\"{}\" stands there twice", name));
        all.push_back({std::string(name), lines});
    }
    if (all.size() > kMaxTopics) return fail(Code::exhausted, format("at most {} topics are read", kMaxTopics));
    return all;
}

}  // namespace madang::security
