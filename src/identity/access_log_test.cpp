#include "identity/access_log.h"

#include "identity/detail/test_house.h"

namespace madang::identity {
namespace {

class AccessLogTest : public House {
protected:
    AccessLog log_{clock_, random_};
    PersonId person_ = new_person();
    AccountId officer_ = make_id<AccountId>(clock_, random_);

    Result<void> record(const Access& access, std::string_view what = "case") {
        return store_->write([&](store::Tx& tx) { return log_.record(tx, access, person_, what); });
    }
    std::vector<AccessEntry> seen() {
        return *read<std::vector<AccessEntry>>([&](store::Reader& reader) { return log_.accesses_of(reader, person_); });
    }
};

TEST_P(AccessLogTest, ShowsTheNewestFirst) {
    ASSERT_TRUE(record({officer_, "officer", "BY-MI", "case-1", "Law No. 433-Z, art. 15"}, "population.residence"));
    clock_.advance(std::chrono::seconds(1));
    ASSERT_TRUE(record({{}, "system", "BY-MI", "", "Decree No. 200, item 1.3.4"}));
    const auto entries = seen();
    ASSERT_EQ(entries.size(), 2U);
    EXPECT_EQ(entries[0].capacity, "system");
    EXPECT_EQ(entries[1].what, "population.residence");
    EXPECT_EQ(entries[1].body, "BY-MI");
    EXPECT_EQ(entries[1].case_id, "case-1");
    EXPECT_EQ(entries[1].legal_ground, "Law No. 433-Z, art. 15");
}

TEST_P(AccessLogTest, ShowsAnOfficerByBodyAndAPrivatePersonByAccount) {
    const AccountId parent = make_id<AccountId>(clock_, random_);
    ASSERT_TRUE(record({officer_, "officer", "BY-MI", "", "art. 15"}));
    ASSERT_TRUE(record({parent, "parent", "", "", "art. 15"}));
    for (const AccessEntry& entry : seen()) {
        EXPECT_EQ(entry.who, entry.capacity == "parent" ? parent : AccountId());
    }
    const auto readings = read<std::vector<AccessLog::Reading>>([&](store::Reader& reader) { return log_.readings_by(reader, officer_); });
    ASSERT_TRUE(readings);
    ASSERT_EQ(readings->size(), 1U);
    EXPECT_EQ(readings->front().subject, person_);
    EXPECT_EQ(readings->front().entry.who, officer_);
}

TEST_P(AccessLogTest, RefusesWhatLacksCapacityGroundOrBody) {
    const std::vector<Access> bad = {
        {},
        {officer_, "", "BY-MI", "", "art. 15"},
        {officer_, "curious", "BY-MI", "", "art. 15"},
        {officer_, "officer", "BY-MI", "", ""},
        {officer_, "officer", "BY-MI", "", "  "},
        {officer_, "officer", "", "", "art. 15"},
        {{}, "officer", "BY-MI", "", "art. 15"},
        {officer_, "officer", "BY-MI", "", std::string(500, 'x')},
    };
    for (const Access& access : bad) EXPECT_EQ(record(access).error().code, Code::denied);
    EXPECT_EQ(record({{}, "system", "", "", "art. 15"}, "").error().code, Code::invalid);
    EXPECT_TRUE(seen().empty());
}

INSTANTIATE_TEST_SUITE_P(Stores, AccessLogTest, testing::ValuesIn(store::scratch_kinds()));

}  // namespace
}  // namespace madang::identity
