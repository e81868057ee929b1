#include "base/id.h"

#include <gtest/gtest.h>

#include "base/time_text.h"

namespace madang {
namespace {

using TestId = Id<struct TestIdTag>;

TEST(MakeUuidV7, CarriesTheTimeOfTheStandardsExample) {
    // RFC 9562 A.6: 2022-02-22 14:22:22 -05:00 is 017F22E2-79B0-7…
    SeededRandom random(1);
    const auto uuid = format_uuid(make_uuid_v7(*parse_instant("2022-02-22T14:22:22-05:00"), random));
    EXPECT_EQ(uuid.substr(0, 15), "017f22e2-79b0-7");
    EXPECT_NE(std::string("89ab").find(uuid[19]), std::string::npos) << uuid;
}

TEST(MakeId, SortsByTheMicrosecondItWasMade) {
    SeededRandom random(7);
    ManualClock clock(*parse_instant("2026-11-23T09:00:00Z"));
    TestId before = make_id<TestId>(clock, random);
    for (int i = 0; i < 5000; ++i) {
        clock.advance(std::chrono::microseconds(1));
        const TestId after = make_id<TestId>(clock, random);
        ASSERT_LT(before, after) << i;
        ASSERT_LT(before.text(), after.text()) << i;
        before = after;
    }
}

TEST(ParseId, TakesOnlyTheWrittenForm) {
    const char* good = "017f22e2-79b0-7cc3-98c4-dc0c0c07398f";
    EXPECT_EQ(TestId::parse(good)->text(), good);
    for (const char* text : {"", "017f22e279b07cc398c4dc0c0c07398f", "017f22e2-79b0-7cc3-98c4-dc0c0c07398",
                             "017f22e2-79b0-7cc3-98c4-dc0c0c07398g", "017f22e2--9b0-7cc3-98c4-dc0c0c07398f",
                             "{017f22e2-79b0-7cc3-98c4-dc0c0c07398f}"}) {
        EXPECT_FALSE(TestId::parse(text)) << text;
    }
}

}  // namespace
}  // namespace madang
