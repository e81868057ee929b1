#include "ledger/act.h"

#include <gtest/gtest.h>

#include "base/time_text.h"

namespace madang::ledger {
namespace {

Act sample() {
    Act act;
    act.id = *ActId::parse("0192f0c1-2b3c-7d4e-8f50-617283940506");
    act.kind = "application.submitted";
    act.at = *parse_instant("2026-11-23T09:05:00.000001Z");
    act.actor = "0192f0c1-0000-7000-8000-000000000001";
    act.capacity = "self";
    act.body = "by.maladziecna";
    act.subject = "0192f0c1-0000-7000-8000-000000000002";
    act.legal_ground = "Пералік, п. 1.3.4 \"а\"";
    act.details = {{"service", "certificate-of-residence"}, {"answers", {1, 2}}};
    return act;
}

constexpr std::string_view kCanonical =
    R"({"actor":"0192f0c1-0000-7000-8000-000000000001","at":"2026-11-23T09:05:00.000001Z","body":"by.maladziecna",)"
    R"("capacity":"self","details":{"answers":[1,2],"service":"certificate-of-residence"},)"
    R"("id":"0192f0c1-2b3c-7d4e-8f50-617283940506","kind":"application.submitted",)"
    R"("legal_ground":"Пералік, п. 1.3.4 \"а\"","subject":"0192f0c1-0000-7000-8000-000000000002"})";

TEST(FormatAct, WritesTheCanonicalFormThatIsReadBack) {
    EXPECT_EQ(format_act(sample()), kCanonical);
    EXPECT_EQ(canonical_json(*parse_json(kCanonical)), kCanonical);
    const auto read = parse_act(kCanonical);
    ASSERT_TRUE(read) << read.error().message;
    EXPECT_EQ(format_act(*read), kCanonical);
}

// Released: never change these. Calculated apart with Python's hashlib.
TEST(EntryOf, HasAGoldenForm) {
    Salt salt;
    for (std::size_t i = 0; i < salt.size(); ++i) salt[i] = static_cast<std::uint8_t>(i);
    const crypto::Hash commitment = commitment_of(salt, R"({"kind":"a.b"})");
    EXPECT_EQ(hex(commitment), "ecf8adcaf4eb32a24d8e193ade5fd1efabb8c1fb7ef50ea3f006861b34ba6a11");
    const std::string entry = entry_of(commitment);
    EXPECT_EQ(entry.size(), kEntrySize);
    EXPECT_TRUE(entry.starts_with("madang-act-v1\n"));
}

TEST(FormatAct, RefusesWhatIsNoAct) {
    const std::pair<const char*, void (*)(Act&)> cases[] = {
        {"no id", [](Act& act) { act.id = {}; }},
        {"a kind without a dot", [](Act& act) { act.kind = "submitted"; }},
        {"a kind with a blank", [](Act& act) { act.kind = "application. submitted"; }},
        {"a kind with an empty word", [](Act& act) { act.kind = "application..submitted"; }},
        {"no actor", [](Act& act) { act.actor.clear(); }},
        {"no subject", [](Act& act) { act.subject.clear(); }},
        {"a long subject", [](Act& act) { act.subject.assign(201, 'x'); }},
        {"a body that is no UTF-8", [](Act& act) { act.body = "\xff"; }},
        {"a fraction", [](Act& act) { act.details["fee"] = 1.5; }},
        {"a number beyond 2^53", [](Act& act) { act.details["n"] = (std::int64_t{1} << 53) + 1; }},
        {"a huge unsigned number", [](Act& act) { act.details["n"] = UINT64_MAX; }},
        {"details that are too deep", [](Act& act) {
             json::value value = 1;
             for (int i = 0; i < 8; ++i) value = json::array{value};
             act.details["deep"] = value;
         }},
    };
    for (const auto& [name, change] : cases) {
        Act act = sample();
        change(act);
        EXPECT_EQ(format_act(act).error().code, Code::invalid) << name;
    }
    Act act = sample();
    act.details["text"] = std::string(40'000, 'x');
    EXPECT_EQ(format_act(act).error().code, Code::exhausted);
}

TEST(ParseAct, TakesOnlyTheCanonicalForm) {
    std::string other(kCanonical);
    other.insert(1, " ");
    EXPECT_FALSE(parse_act(other));
    std::string more(kCanonical);
    more.insert(1, R"("a":1,)");
    EXPECT_FALSE(parse_act(more));
    EXPECT_FALSE(parse_act(""));
    EXPECT_FALSE(parse_act("[]"));
    EXPECT_FALSE(parse_act(kCanonical.substr(0, 100)));
}

}  // namespace
}  // namespace madang::ledger
