// Any bytes as a file of Sigma documents: what is read can be compiled or is refused with a reason, the program and the slow
// evaluator say the same of events that hold the rules' own words, and correlations take whatever occurs.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <set>
#include <string>

#include "base/check.h"
#include "security/detail/sigma_seen_event.h"
#include "security/event_lines.h"
#include "security/sigma_correlator.h"
#include "security/sigma_program.h"
#include "security/sigma_reader.h"
#include "security/sigma_slow.h"

namespace {

using namespace madang;
using namespace madang::security;

constexpr std::size_t kMaxRulesTried = 8;

// Fields and texts that the rules speak of: all, or every other.
void fill(std::string_view text, std::size_t skip, Event& event) {
    for (std::size_t at = 0, i = 0; at < text.size() && i < 200; ++i) {
        const std::size_t end = std::min(text.find('\n', at), text.size());
        const std::string_view line = text.substr(at, end - at);
        at = end + 1;
        if (skip != 0 && i % 2 == skip - 1) continue;
        const std::size_t begin = line.find_first_not_of(" \t-");
        const std::size_t colon = line.find_first_of("|:");
        if (begin == std::string_view::npos || colon == std::string_view::npos || colon < begin) {
            if (begin != std::string_view::npos) event.add("Text", line.substr(begin));
            continue;
        }
        const std::size_t value = line.find(": ");
        std::string_view held = value == std::string_view::npos ? std::string_view() : line.substr(value + 2);
        while (!held.empty() && (held.front() == '\'' || held.front() == '"' || held.front() == '*')) held.remove_prefix(1);
        while (!held.empty() && (held.back() == '\'' || held.back() == '"' || held.back() == '*')) held.remove_suffix(1);
        event.add(line.substr(begin, colon - begin), held, held == "null" ? Event::Value::null : Event::Value::text);
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string bytes(reinterpret_cast<const char*>(data), size);
    auto documents = read_sigma(bytes, "fuzz.yml");
    if (!documents) {
        MADANG_CHECK(documents.error().message.starts_with("fuzz.yml:"));
        return 0;
    }
    if (documents->rules.size() > kMaxRulesTried) documents->rules.resize(kMaxRulesTried);
    for (SigmaRule& rule : documents->rules) {
        for (const SigmaFilter& filter : documents->filters) {
            if (applies_to(filter, rule)) rule = with_filter(std::move(rule), filter);
        }
    }
    auto program = SigmaProgram::compile(std::move(documents->rules), LogSources());
    if (!program) return 0;
    SigmaProgram::Run run(**program);
    auto compiled = SigmaCorrelator::compile(std::move(documents->correlations), **program, {.groups = 4, .occurrences = 8});
    const std::string text = mended_utf8(bytes);
    for (std::size_t skip = 0; skip < 3 && (*program)->size() > 0; ++skip) {
        Event event;
        fill(text, skip, event);
        const auto met = run.matches(event, {});
        const std::set<std::uint32_t> fast(met.begin(), met.end());
        const SeenEvent seen(event);
        for (std::uint32_t i = 0; i < (*program)->size(); ++i) {
            MADANG_CHECK((meets((*program)->rule(i), seen) && concerns((*program)->rule(i), seen)) == fast.contains(i));
            if (!fast.contains(i)) continue;
            for (const std::size_t place : run.fields_of(i)) MADANG_CHECK(place < event.size());
            for (int again = 0; again < 12; ++again) {
                const auto one = compiled.correlator->occurrence_of(i, event, Instant(std::chrono::seconds(again * 7)), static_cast<std::uint64_t>(again));
                if (one) compiled.correlator->add(*one, [](const SigmaCorrelator::Found& found) { MADANG_CHECK(found.first <= found.last); });
            }
        }
    }
    compiled.correlator->finish([](const SigmaCorrelator::Found& found) { MADANG_CHECK(found.where.size() <= 100); });
    return 0;
}
