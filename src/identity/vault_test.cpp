#include "identity/vault.h"

#include "base/file.h"
#include "identity/detail/test_house.h"

namespace madang::identity {
namespace {

class VaultTest : public House {
protected:
    Vault vault_{kTestMasterKey, clock_, random_};

    Bytes sealed(const PersonId& person, std::string_view plain) {
        return *write<Bytes>([&](store::Tx& tx) { return vault_.seal(tx, person, as_bytes(plain)); });
    }
    Result<std::string> opened(Vault& vault, const PersonId& person, const Bytes& sealed_bytes) {
        TRY(const Bytes plain, read<Bytes>([&](store::Reader& reader) { return vault.open(reader, person, sealed_bytes); }));
        return std::string(as_text(plain));
    }
};

TEST_P(VaultTest, OpensWhatItSealed) {
    const PersonId person = new_person();
    const Bytes one = sealed(person, "Alena");
    EXPECT_EQ(opened(vault_, person, one), "Alena");
    EXPECT_NE(one, sealed(person, "Alena"));  // never twice the same bytes
    Vault another(kTestMasterKey, clock_, random_);
    EXPECT_EQ(opened(another, person, one), "Alena");
}

TEST_P(VaultTest, KeepsPersonsApart) {
    const PersonId a = new_person();
    const PersonId b = new_person();
    const Bytes of_a = sealed(a, "secret");
    sealed(b, "other");
    EXPECT_EQ(opened(vault_, b, of_a).error().code, Code::corrupted);
    // A wrapped key that was moved to another person's row opens nothing.
    ASSERT_TRUE(store_->write([&](store::Tx& tx) -> Result<void> {
        TRY_DO(tx.execute("UPDATE identity_person_key SET wrapped=(SELECT wrapped FROM identity_person_key WHERE person_id=$1) WHERE person_id=$2",
                          {a.text(), b.text()}));
        return {};
    }));
    Vault fresh(kTestMasterKey, clock_, random_);
    EXPECT_EQ(opened(fresh, b, of_a).error().code, Code::corrupted);
}

TEST_P(VaultTest, AnotherMasterKeyOpensNothing) {
    const PersonId person = new_person();
    const Bytes one = sealed(person, "x");
    Vault stranger(Bytes(32, 1), clock_, random_);
    EXPECT_EQ(opened(stranger, person, one).error().code, Code::corrupted);
}

TEST_P(VaultTest, ErasesForEver) {
    const PersonId person = new_person();
    const Bytes one = sealed(person, "Alena");
    ASSERT_EQ(opened(vault_, person, one), "Alena");
    ASSERT_TRUE(store_->write([&](store::Tx& tx) { return vault_.erase(tx, person); }));
    const auto gone = opened(vault_, person, one);
    EXPECT_EQ(gone.error().code, Code::not_found);
    EXPECT_NE(gone.error().message.find("erased"), std::string::npos);
    EXPECT_EQ(write<Bytes>([&](store::Tx& tx) { return vault_.seal(tx, person, as_bytes("again")); }).error().code, Code::not_found);
    EXPECT_EQ(read<bool>([&](store::Reader& reader) { return vault_.is_erased(reader, person); }), true);
    ASSERT_TRUE(store_->write([&](store::Tx& tx) { return vault_.erase(tx, person); }));
    EXPECT_EQ(read<bool>([&](store::Reader& reader) { return vault_.is_erased(reader, new_person()); }), false);
}

TEST_P(VaultTest, AnErasureThatIsRolledBackErasesNothing) {
    const PersonId person = new_person();
    const Bytes one = sealed(person, "Alena");
    const auto failed = store_->write([&](store::Tx& tx) -> Result<void> {
        TRY_DO(vault_.erase(tx, person));
        return fail(Code::conflict, "changed my mind");
    });
    ASSERT_FALSE(failed);
    EXPECT_EQ(opened(vault_, person, one), "Alena");
}

TEST_P(VaultTest, AKeyOfARolledBackTransactionIsNotKept) {
    const PersonId person = new_person();
    Bytes lost;
    ASSERT_FALSE(store_->write([&](store::Tx& tx) -> Result<void> {
        TRY(lost, vault_.seal(tx, person, as_bytes("lost")));
        return fail(Code::conflict, "rolled back");
    }));
    const Bytes kept = sealed(person, "kept");
    EXPECT_EQ(opened(vault_, person, kept), "kept");
    EXPECT_FALSE(opened(vault_, person, lost));
    Vault another(kTestMasterKey, clock_, random_);
    EXPECT_EQ(opened(another, person, kept), "kept");
}

TEST_P(VaultTest, AnotherNodeForgetsWithinAMinute) {
    const PersonId person = new_person();
    const Bytes one = sealed(person, "Alena");
    Vault other_node(kTestMasterKey, clock_, random_);
    ASSERT_EQ(opened(other_node, person, one), "Alena");
    ASSERT_TRUE(store_->write([&](store::Tx& tx) { return vault_.erase(tx, person); }));
    clock_.advance(std::chrono::seconds(61));
    EXPECT_EQ(opened(other_node, person, one).error().code, Code::not_found);
}

TEST_P(VaultTest, SealsManyAtOnce) {
    std::vector<PersonId> persons;
    for (int i = 0; i < 450; ++i) persons.push_back(new_person());
    persons.push_back(persons.front());
    const std::string text = "one";
    std::vector<Vault::Plain> plains;
    for (const PersonId& person : persons) plains.push_back({person, as_bytes(text)});
    const auto all = write<std::vector<Bytes>>([&](store::Tx& tx) { return vault_.seal_many(tx, plains); });
    ASSERT_TRUE(all) << all.error().message;
    ASSERT_EQ(all->size(), persons.size());
    for (std::size_t i = 0; i < persons.size(); ++i) EXPECT_EQ(opened(vault_, persons[i], (*all)[i]), "one");
}

TEST_P(VaultTest, ASmallCacheStillOpensEverything) {
    Vault small(kTestMasterKey, clock_, random_, 3);
    std::vector<std::pair<PersonId, Bytes>> all;
    for (int i = 0; i < 10; ++i) {
        const PersonId person = new_person();
        all.emplace_back(person, sealed(person, std::to_string(i)));
    }
    for (int round = 0; round < 2; ++round) {
        for (int i = 0; i < 10; ++i) EXPECT_EQ(opened(small, all[static_cast<std::size_t>(i)].first, all[static_cast<std::size_t>(i)].second), std::to_string(i));
    }
}

INSTANTIATE_TEST_SUITE_P(Stores, VaultTest, testing::ValuesIn(store::scratch_kinds()));

}  // namespace
}  // namespace madang::identity
