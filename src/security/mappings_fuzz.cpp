// Any bytes as the files that an administrator can change: where log sources stand, what ECS calls fields, the values of
// placeholders. Each is read, or refused with its name and line; what is read is of use for any event.
#include <cstddef>
#include <cstdint>
#include <string>

#include "base/check.h"
#include "security/ecs_names.h"
#include "security/event_times.h"
#include "security/log_sources.h"
#include "security/sigma_program.h"
#include "security/sigma_reader.h"

namespace {

using namespace madang;
using namespace madang::security;

template <class T>
bool is_read(const Result<T>& read) {
    if (!read) MADANG_CHECK(read.error().code != Code::corrupted && read.error().message.starts_with("fuzz.yml:"));
    return read.has_value();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    if (const auto sources = LogSources::read(text, "fuzz.yml"); is_read(sources)) {
        const LogSource asked{"process_creation", "windows", "", {}};
        for (const LogPlace* place : sources->places_of(asked)) MADANG_CHECK(place->source.category == "process_creation");
        MADANG_CHECK(!sources->meant_by({"process_creation", "", "", {}}).empty());
        static const SigmaDocuments documents = *read_sigma("title: t\nlogsource: {category: process_creation}\ndetection: {s: {CommandLine|contains: a}, k: [b], condition: s or not k}", "r.yml");
        if (const auto program = SigmaProgram::compile(documents.rules, *sources)) {
            Event event;
            for (const auto& [name, value] : {std::pair{"type", "EXECVE"}, {"a0", "a"}, {"a1[0]", "b"}, {"a1[1]", "c"}, {"CommandLine", "a"}}) event.add(name, value);
            event.set_line(text.substr(0, 64));
            SigmaProgram::Run run(**program);
            for (const std::uint32_t rule : run.matches(event, {})) {
                for (const std::size_t place : run.fields_of(rule)) MADANG_CHECK(place < event.size());
            }
        }
    }
    if (const auto names = EcsNames::read(text, "fuzz.yml"); is_read(names)) {
        Event event;
        for (const char* field : {"Image", "CommandLine", "EventID", "c-ip", "src_ip"}) event.add(field, "x");
        const LogOrigin origin{.category = "process_creation", .product = "windows", .service = ""};
        names->add_to(event, origin);
        MADANG_CHECK(event.size() >= 5 && event.size() <= 10);
        if (const auto name = names->name_of("Image", origin)) MADANG_CHECK(!name->empty() && event.find(*name));
    }
    if (const auto times = EventTimes::read(text, "fuzz.yml"); is_read(times)) {
        Event event;
        for (const char* field : {"when", "@timestamp"}) event.add(field, "2026-07-01 12:00:00");
        (void)times->time_of(event, {.near = {}, .east = {}, .zone = times->zone_of("a")}).has_value();
    }
    (void)is_read(read_placeholders(text, "fuzz.yml"));
    return 0;
}
