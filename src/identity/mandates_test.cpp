#include "identity/mandates.h"

#include "identity/detail/test_house.h"

namespace madang::identity {
namespace {

using std::chrono::hours;

class MandatesTest : public House {
protected:
    Accounts accounts_{*store_, kTestMasterKey, "Madang", clock_, random_};
    Mandates mandates_{clock_, random_};
    PersonId mother_ = new_person();
    PersonId child_ = new_person();
    AccountId account_ = *accounts_.create_account({"mother", "a long enough secret", mother_, {}, {}});

    Result<MandateId> grant(const Mandate& mandate) {
        return write<MandateId>([&](store::Tx& tx) { return mandates_.grant(tx, mandate); });
    }
    Mandate parent() {
        Mandate mandate;
        mandate.representative = mother_;
        mandate.represented = child_;
        mandate.valid_from = clock_.now();
        mandate.legal_ground = "Code on Marriage and Family, art. 73";
        return mandate;
    }
    Result<Mandate> check(std::string_view service) {
        return read<Mandate>([&](store::Reader& reader) { return mandates_.check(reader, account_, child_, service, clock_.now()); });
    }
};

TEST_P(MandatesTest, LetAParentActForAChild) {
    EXPECT_EQ(check("certificate-of-residence").error().code, Code::denied);
    ASSERT_TRUE(grant(parent()));
    const auto found = check("certificate-of-residence");
    ASSERT_TRUE(found);
    EXPECT_EQ(found->represented, child_);
    EXPECT_EQ(capacity_of(found->kind), "parent");
    const auto held = read<std::vector<Mandate>>([&](store::Reader& reader) { return mandates_.who_may_act_for(reader, account_, clock_.now()); });
    EXPECT_EQ(held->size(), 1U);
    const auto seen = read<std::vector<Mandate>>([&](store::Reader& reader) { return mandates_.representatives_of(reader, child_, clock_.now()); });
    EXPECT_EQ(seen->size(), 1U);
}

TEST_P(MandatesTest, HoldOnlyWithinTheirTimeAndScope) {
    Mandate power = parent();
    power.kind = MandateKind::power_of_attorney;
    power.services = {"certificate-of-residence", "extract"};
    power.valid_from = clock_.now() + hours(1);
    power.valid_until = clock_.now() + hours(2);
    ASSERT_TRUE(grant(power));
    EXPECT_FALSE(check("extract"));
    clock_.advance(hours(1));
    EXPECT_TRUE(check("extract"));
    EXPECT_EQ(capacity_of(check("extract")->kind), "representative");
    EXPECT_FALSE(check("marriage"));
    clock_.advance(hours(1));
    EXPECT_FALSE(check("extract"));
}

TEST_P(MandatesTest, EndWhenRevoked) {
    const auto id = grant(parent());
    ASSERT_TRUE(id);
    ASSERT_TRUE(store_->write([&](store::Tx& tx) { return mandates_.revoke(tx, *id); }));
    EXPECT_FALSE(check("x"));
    EXPECT_EQ(store_->write([&](store::Tx& tx) { return mandates_.revoke(tx, *id); }).error().code, Code::not_found);
}

TEST_P(MandatesTest, AreRefusedWhenTheyMakeNoSense) {
    Mandate own = parent();
    own.represented = mother_;
    Mandate groundless = parent();
    groundless.legal_ground = " ";
    Mandate over = parent();
    over.valid_until = over.valid_from;
    Mandate odd = parent();
    odd.services = {"two words"};
    for (const Mandate& mandate : {own, groundless, over, odd}) EXPECT_EQ(grant(mandate).error().code, Code::invalid);
}

INSTANTIATE_TEST_SUITE_P(Stores, MandatesTest, testing::ValuesIn(store::scratch_kinds()));

}  // namespace
}  // namespace madang::identity
