// Any bytes as each of the settings that say where events come from: read within its limits, or refused with words.
#include <cstddef>
#include <cstdint>
#include <string>

#include "base/check.h"
#include "base/text.h"
#include "security/event_time.h"
#include "security/intake.h"
#include "security/kafka.h"
#include "security/source_origins.h"
#include "security/spool.h"

namespace {

using namespace madang;
using namespace madang::security;

template <class T>
void check_refusal(const Result<T>& read) {
    if (read) return;
    MADANG_CHECK(!read.error().message.empty() && (read.error().code == Code::invalid || read.error().code == Code::exhausted));
}

void read_kafka(std::string_view text) {
    const auto properties = parse_kafka_properties(text, "kafka.properties");
    check_refusal(properties);
    if (!properties) {
        MADANG_CHECK(properties.error().message.starts_with("kafka.properties:"));
    } else {
        for (const KafkaProperty& one : *properties) MADANG_CHECK(!one.name.empty() && one.name != "group.id" && one.where.starts_with("kafka.properties:"));
    }
    const auto topics = parse_kafka_topics(text);
    check_refusal(topics);
    if (!topics) return;
    std::string again;
    for (const KafkaTopic& one : *topics) {
        MADANG_CHECK(check_kafka_topic(one.name).has_value());
        again += format("{}={},", one.name, name_of(one.format));
    }
    const auto twice = parse_kafka_topics(again);
    MADANG_CHECK(twice && twice->size() == topics->size());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    read_kafka(text);
    const auto files = parse_followed_files(text);
    check_refusal(files);
    if (files) MADANG_CHECK(files->size() <= 100);
    const auto origins = SourceOrigins::parse(text);
    check_refusal(origins);
    if (const auto origin = parse_origin(text); !origin) {
        check_refusal(origin);
    } else {
        MADANG_CHECK(!origin->is_unknown());
        // What a sender states comes back from the name that is kept.
        const auto none = SourceOrigins::parse("");
        MADANG_CHECK(none && none->of(source_with("branch", *origin), {}) == *origin);
    }
    if (const auto zone = parse_zone(text)) MADANG_CHECK(*zone >= std::chrono::hours(-24) && *zone <= std::chrono::hours(24));
    (void)parse_event_time(text);
    if (const auto place = parse_place(text)) MADANG_CHECK(parse_place(to_text(*place)) == *place);
    return 0;
}
