#include "identity/accounts.h"

#include <set>
#include <thread>

#include "base/file.h"
#include "crypto/totp.h"
#include "identity/detail/test_house.h"
#include "identity/throttle.h"

namespace madang::identity {
namespace {

using Outcome = SignIn::Outcome;
using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

constexpr const char* kPassword = "walnut kettle november";
constexpr const char* kHome = "192.0.2.17";
constexpr const char* kElsewhere = "198.51.100.4";

class AccountsTest : public House {
protected:
    Accounts accounts_{*store_, kTestMasterKey, "Madang", clock_, random_};
    const Bytes secret_ = Bytes(20, 7);

    AccountId citizen(const std::string& name = "Alena Kavalenka") {
        return *accounts_.create_account({name, kPassword, new_person(), {}, {}});
    }
    AccountId officer(const std::string& name = "officer") {
        return *accounts_.create_account({name, kPassword, std::nullopt, {{"BY-MI", "officer"}}, secret_});
    }
    AccountId administrator() {
        return *accounts_.use_installer_link(*accounts_.make_installer_link(), "root of all", kPassword);
    }
    SignIn sign_in(const std::string& name, const std::string& password = kPassword, const std::string& code = "", const char* client = kHome) {
        const auto answer = accounts_.sign_in({name, password, code, client});
        EXPECT_TRUE(answer) << answer.error().message;
        return *answer;
    }
    std::string code() { return crypto::totp_at(secret_, clock_.now()); }
    bool is_signed_in(const std::string& token) { return accounts_.find_session(token)->has_value(); }
};

TEST_P(AccountsTest, SignACitizenIn) {
    const AccountId id = citizen();
    const SignIn in = sign_in("  alena   KAVALENKA ");
    ASSERT_EQ(in.outcome, Outcome::signed_in);
    EXPECT_EQ(in.token.size(), 43U);
    const auto session = *accounts_.find_session(in.token);
    ASSERT_TRUE(session);
    EXPECT_EQ(session->account, id);
    EXPECT_TRUE(session->person.has_value());
    EXPECT_FALSE(session->is_staff());
    EXPECT_EQ(session->id, in.session.id);
    EXPECT_EQ((*accounts_.find_account(id))->name, "Alena Kavalenka");
    EXPECT_EQ((*accounts_.find_by_name("alena kavalenka"))->id, id);
    EXPECT_NE(sign_in("Alena Kavalenka").token, in.token);
}

TEST_P(AccountsTest, RefuseWithoutSayingWhy) {
    citizen();
    EXPECT_EQ(sign_in("Alena Kavalenka", "wrong").outcome, Outcome::refused);
    EXPECT_EQ(sign_in("Nobody").outcome, Outcome::refused);
    EXPECT_EQ(sign_in("").outcome, Outcome::refused);
    EXPECT_EQ(sign_in(std::string(100'000, 'a')).outcome, Outcome::refused);
    EXPECT_EQ(sign_in("\xff\xfe").outcome, Outcome::refused);
}

TEST_P(AccountsTest, FindNoSessionForAnythingElse) {
    for (const std::string token : {"", "x", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", "../../etc/passwd"}) EXPECT_FALSE(is_signed_in(token));
    EXPECT_FALSE(is_signed_in(std::string(1 << 20, 'A')));
}

TEST_P(AccountsTest, AskStaffForACode) {
    officer();
    const SignIn first = sign_in("officer");
    ASSERT_EQ(first.outcome, Outcome::code_needed);
    EXPECT_EQ((*accounts_.find_session(first.token))->state, SessionState::awaiting_code);
    EXPECT_EQ(accounts_.confirm_code(first.token, "000000", kHome)->outcome, Outcome::refused);
    const auto second = accounts_.confirm_code(first.token, code(), kHome);
    ASSERT_EQ(second->outcome, Outcome::signed_in);
    EXPECT_NE(second->token, first.token);
    EXPECT_FALSE(is_signed_in(first.token));
    EXPECT_TRUE((*accounts_.find_session(second->token))->has_role("BY-MI", "officer"));
}

TEST_P(AccountsTest, TakeACodeOnce) {
    officer();
    ASSERT_EQ(sign_in("officer", kPassword, code()).outcome, Outcome::signed_in);
    EXPECT_EQ(sign_in("officer", kPassword, code()).outcome, Outcome::refused);
    clock_.advance(seconds(30));
    EXPECT_EQ(sign_in("officer", kPassword, code()).outcome, Outcome::signed_in);
}

TEST_P(AccountsTest, EnrolStaffBeforeAnythingElse) {
    administrator();
    const SignIn first = sign_in("root of all");
    ASSERT_EQ(first.outcome, Outcome::enrolment_needed);
    EXPECT_EQ((*accounts_.find_session(first.token))->state, SessionState::enrolling);
    const auto enrolment = accounts_.begin_enrolment(first.token);
    ASSERT_TRUE(enrolment) << enrolment.error().message;
    EXPECT_EQ(accounts_.begin_enrolment(first.token)->secret, enrolment->secret);
    EXPECT_TRUE(enrolment->address.starts_with("otpauth://totp/"));
    const Bytes secret = *parse_base32(enrolment->secret);
    EXPECT_EQ(accounts_.confirm_enrolment(first.token, "123", kHome)->outcome, Outcome::refused);
    const auto in = accounts_.confirm_enrolment(first.token, crypto::totp_at(secret, clock_.now()), kHome);
    ASSERT_EQ(in->outcome, Outcome::signed_in);
    // The code that set it up does not sign in a second time.
    EXPECT_EQ(sign_in("root of all", kPassword, crypto::totp_at(secret, clock_.now())).outcome, Outcome::refused);
    EXPECT_EQ(accounts_.begin_enrolment(in->token).error().code, Code::denied);
    EXPECT_EQ(sign_in("root of all").outcome, Outcome::code_needed);
}

TEST_P(AccountsTest, EndSessionsByIdleAndAbsoluteTime) {
    citizen();
    const SignIn idle = sign_in("Alena Kavalenka");
    clock_.advance(minutes(29));
    EXPECT_TRUE(is_signed_in(idle.token));
    clock_.advance(minutes(29));
    EXPECT_TRUE(is_signed_in(idle.token));
    clock_.advance(minutes(30));
    EXPECT_FALSE(is_signed_in(idle.token));

    const SignIn busy = sign_in("Alena Kavalenka");
    for (int i = 0; i < 12 * 3 - 1; ++i) {
        clock_.advance(minutes(20));
        ASSERT_TRUE(is_signed_in(busy.token)) << i;
    }
    clock_.advance(minutes(20));
    EXPECT_FALSE(is_signed_in(busy.token));

    officer();
    const SignIn waiting = sign_in("officer");
    clock_.advance(minutes(10));
    EXPECT_FALSE(is_signed_in(waiting.token));
    const SignIn staff = sign_in("officer", kPassword, code());
    for (int i = 0; i < 8 * 3; ++i) clock_.advance(minutes(20)), is_signed_in(staff.token);
    EXPECT_FALSE(is_signed_in(staff.token));
}

TEST_P(AccountsTest, KeepASessionOverARestart) {
    citizen();
    const SignIn in = sign_in("Alena Kavalenka");
    Accounts again(*store_, kTestMasterKey, "Madang", clock_, random_);
    EXPECT_TRUE(again.find_session(in.token)->has_value());
    clock_.advance(minutes(31));
    EXPECT_FALSE(again.find_session(in.token)->has_value());
}

TEST_P(AccountsTest, EndSessionsOnSignOutAndDisabling) {
    const AccountId admin = administrator();
    const AccountId id = citizen();
    const SignIn one = sign_in("Alena Kavalenka");
    const SignIn two = sign_in("Alena Kavalenka");
    ASSERT_TRUE(is_signed_in(one.token) && is_signed_in(two.token));
    ASSERT_TRUE(accounts_.sign_out(one.token));
    EXPECT_FALSE(is_signed_in(one.token));
    EXPECT_TRUE(is_signed_in(two.token));
    ASSERT_TRUE(accounts_.disable(admin, id));
    EXPECT_FALSE(is_signed_in(two.token));
    EXPECT_EQ(sign_in("Alena Kavalenka").outcome, Outcome::refused);
    ASSERT_TRUE(accounts_.enable(admin, id));
    EXPECT_EQ(sign_in("Alena Kavalenka").outcome, Outcome::signed_in);
    EXPECT_EQ(accounts_.disable(id, admin).error().code, Code::denied);
    EXPECT_EQ(accounts_.disable(admin, admin).error().code, Code::conflict);
}

TEST_P(AccountsTest, CloseForEverAndFreeTheName) {
    const AccountId admin = administrator();
    const AccountId id = citizen();
    const SignIn in = sign_in("Alena Kavalenka");
    ASSERT_TRUE(accounts_.close(id));
    EXPECT_FALSE(is_signed_in(in.token));
    EXPECT_EQ(sign_in("Alena Kavalenka").outcome, Outcome::refused);
    EXPECT_NE(citizen(), id) << "the name is free";
    EXPECT_EQ(accounts_.close(admin).error().code, Code::conflict) << "the last administrator stays";
    EXPECT_EQ(accounts_.close(make_id<AccountId>(clock_, random_)).error().code, Code::not_found);
}

TEST_P(AccountsTest, AnotherNodeSeesASignOutWithinTenSeconds) {
    citizen();
    const SignIn in = sign_in("Alena Kavalenka");
    Accounts other(*store_, kTestMasterKey, "Madang", clock_, random_);
    ASSERT_TRUE(other.find_session(in.token)->has_value());
    ASSERT_TRUE(accounts_.sign_out(in.token));
    clock_.advance(seconds(11));
    EXPECT_FALSE(other.find_session(in.token)->has_value());
}

TEST_P(AccountsTest, SlowGuessersDown) {
    citizen();
    for (int i = 0; i < 5; ++i) EXPECT_EQ(sign_in("Alena Kavalenka", "wrong", "", kElsewhere).outcome, Outcome::refused);
    const SignIn slow = sign_in("Alena Kavalenka", kPassword, "", kElsewhere);
    EXPECT_EQ(slow.outcome, Outcome::slowed_down);
    EXPECT_GE(slow.retry_after, seconds(1));
    clock_.advance(slow.retry_after);
    EXPECT_EQ(sign_in("Alena Kavalenka", "wrong", "", kElsewhere).outcome, Outcome::refused);
    EXPECT_EQ(sign_in("Alena Kavalenka", "wrong", "", kElsewhere).retry_after, seconds(2));
    // However long it goes on, the wait has an end.
    for (int i = 0; i < 14; ++i) {
        clock_.advance(minutes(15));
        EXPECT_EQ(sign_in("Alena Kavalenka", "wrong", "", kElsewhere).outcome, Outcome::refused);
    }
    EXPECT_LE(sign_in("Alena Kavalenka", "wrong", "", kElsewhere).retry_after, minutes(15));
    clock_.advance(minutes(15));
    EXPECT_EQ(sign_in("Alena Kavalenka", kPassword, "", kElsewhere).outcome, Outcome::signed_in);
}

TEST_P(AccountsTest, StrangersCannotLockAnOwnerOut) {
    citizen();
    ASSERT_EQ(sign_in("Alena Kavalenka", kPassword, "", kHome).outcome, Outcome::signed_in);
    for (int i = 0; i < 8; ++i) sign_in("Alena Kavalenka", "wrong", "", kElsewhere);
    EXPECT_EQ(sign_in("Alena Kavalenka", kPassword, "", kElsewhere).outcome, Outcome::slowed_down);
    EXPECT_EQ(sign_in("Alena Kavalenka", kPassword, "", kHome).outcome, Outcome::signed_in);
}

TEST_P(AccountsTest, UnknownNamesAreSlowedDownAlike) {
    for (int i = 0; i < 5; ++i) EXPECT_EQ(sign_in("Nobody", "wrong").outcome, Outcome::refused);
    EXPECT_EQ(sign_in("Nobody", "wrong").outcome, Outcome::slowed_down);
}

TEST_P(AccountsTest, TriesAtTheSameTimeDoNotSlipThrough) {
    citizen();
    std::atomic<int> tried{0};
    std::vector<std::thread> threads;
    for (int i = 0; i < 24; ++i) {
        threads.emplace_back([&] {
            const auto answer = accounts_.sign_in({"Alena Kavalenka", "wrong", "", kElsewhere});
            if (answer && answer->outcome == Outcome::refused) ++tried;
        });
    }
    for (auto& thread : threads) thread.join();
    EXPECT_LE(tried.load(), 5);
}

TEST_P(AccountsTest, SlowGuessersOfCodesDown) {
    officer();
    const SignIn first = sign_in("officer");
    for (int i = 0; i < 5; ++i) EXPECT_EQ(accounts_.confirm_code(first.token, "111111", kHome)->outcome, Outcome::refused);
    EXPECT_EQ(accounts_.confirm_code(first.token, code(), kHome)->outcome, Outcome::slowed_down);
    // Nor does signing in anew help.
    EXPECT_EQ(sign_in("officer", kPassword, code()).outcome, Outcome::slowed_down);
}

TEST_P(AccountsTest, MakeTheFirstAdministratorByAOneTimeLink) {
    EXPECT_EQ(*accounts_.has_administrator(), false);
    const std::string old_link = *accounts_.make_installer_link();
    const std::string link = *accounts_.make_installer_link();
    EXPECT_EQ(accounts_.use_installer_link(old_link, "root of all", kPassword).error().code, Code::not_found);
    EXPECT_EQ(accounts_.use_installer_link(link, "root of all", "short").error().code, Code::invalid);
    EXPECT_EQ(*accounts_.find_link(link), LinkKind::installer);
    const auto id = accounts_.use_installer_link(link, "root of all", kPassword);
    ASSERT_TRUE(id) << id.error().message;
    EXPECT_TRUE((*accounts_.find_account(*id))->has_role("", "administrator"));
    EXPECT_EQ(accounts_.use_installer_link(link, "second one", kPassword).error().code, Code::not_found);
    EXPECT_EQ(accounts_.make_installer_link().error().code, Code::conflict);
    EXPECT_EQ(*accounts_.has_administrator(), true);
}

TEST_P(AccountsTest, LinksEndAfterADay) {
    const std::string link = *accounts_.make_installer_link();
    clock_.advance(hours(24));
    EXPECT_EQ(*accounts_.find_link(link), std::nullopt);
    EXPECT_EQ(accounts_.use_installer_link(link, "root of all", kPassword).error().code, Code::not_found);
}

TEST_P(AccountsTest, InviteStaffOnlyByAnAdministratorOfTheBody) {
    const AccountId admin = administrator();
    const AccountId local = *accounts_.accept_invitation(*accounts_.invite(admin, {{"BY-MI", "administrator"}}, new_person()), "local admin", kPassword);
    EXPECT_TRUE(accounts_.invite(local, {{"BY-MI", "officer"}}, new_person()));
    EXPECT_EQ(accounts_.invite(local, {{"BY-HR", "officer"}}, new_person()).error().code, Code::denied);
    EXPECT_EQ(accounts_.invite(local, {{"", "administrator"}}, new_person()).error().code, Code::denied);
    EXPECT_EQ(accounts_.invite(citizen(), {{"BY-MI", "officer"}}, new_person()).error().code, Code::denied);
    EXPECT_EQ(accounts_.invite(admin, {{"BY-MI", "king"}}, new_person()).error().code, Code::invalid);
    accounts_.accept_roles({"lawyer"});
    EXPECT_TRUE(accounts_.invite(admin, {{"BY-MI", "lawyer"}}, new_person()));
    EXPECT_EQ(accounts_.staff_of("BY-MI")->size(), 1U);
    // Roles cannot be stretched by one's own hand.
    EXPECT_EQ(accounts_.set_roles(local, local, {{"BY-HR", "administrator"}}).error().code, Code::denied);
    EXPECT_TRUE(accounts_.set_roles(admin, local, {{"BY-HR", "administrator"}}));
}

TEST_P(AccountsTest, RecoverAPasswordAndKeepTheSecondFactor) {
    const AccountId admin = administrator();
    const AccountId id = officer();
    const SignIn before = sign_in("officer", kPassword, code());
    const std::string link = *accounts_.make_recovery_link(admin, id, LinkKind::password);
    ASSERT_TRUE(accounts_.use_password_link(link, "maple lantern october"));
    EXPECT_FALSE(is_signed_in(before.token));
    EXPECT_EQ(accounts_.use_password_link(link, "another good secret").error().code, Code::not_found);
    EXPECT_EQ(sign_in("officer").outcome, Outcome::refused);
    EXPECT_EQ(sign_in("officer", "maple lantern october").outcome, Outcome::code_needed);
    ASSERT_TRUE(accounts_.use_second_factor_link(*accounts_.make_recovery_link(admin, id, LinkKind::second_factor)));
    EXPECT_EQ(sign_in("officer", "maple lantern october").outcome, Outcome::enrolment_needed);
    EXPECT_EQ(accounts_.make_recovery_link(admin, admin, LinkKind::password).error().code, Code::denied);
    EXPECT_EQ(accounts_.make_recovery_link(id, admin, LinkKind::password).error().code, Code::denied);
}

TEST_P(AccountsTest, ChangeAPassword) {
    const AccountId id = citizen();
    const SignIn in = sign_in("Alena Kavalenka");
    EXPECT_EQ(accounts_.change_password(id, "wrong", "maple lantern october").error().code, Code::denied);
    ASSERT_TRUE(accounts_.change_password(id, kPassword, "maple lantern october"));
    EXPECT_FALSE(is_signed_in(in.token));
    EXPECT_EQ(sign_in("Alena Kavalenka", "maple lantern october").outcome, Outcome::signed_in);
}

TEST_P(AccountsTest, RefuseANameThatIsTaken) {
    citizen();
    EXPECT_EQ(accounts_.create_account({"ALENA kavalenka", kPassword, new_person(), {}, {}}).error().code, Code::conflict);
    const PersonId person = new_person();
    ASSERT_TRUE(accounts_.create_account({"one", kPassword, person, {}, {}}));
    EXPECT_EQ(accounts_.create_account({"two", kPassword, person, {}, {}}).error().code, Code::conflict);
    EXPECT_EQ(accounts_.create_account({"x", kPassword, {}, {}, {}}).error().code, Code::invalid);
}

TEST_P(AccountsTest, OnePersonIsOneAccountOfStaffBesideTheOneAsACitizen) {
    const PersonId person = new_person();
    const auto behind = [&](const AccountId& id) {
        return *store_->read<std::optional<PersonId>>([&](store::Reader& reader) { return person_behind(reader, id); });
    };
    const AccountId own = *accounts_.create_account({"as a citizen", kPassword, person, {}, {}});
    const AccountId staff = *accounts_.create_account({"as staff", kPassword, person, {{"BY-MI", "officer"}}, secret_});
    EXPECT_EQ(accounts_.create_account({"again", kPassword, person, {{"BY-HR", "officer"}}, secret_}).error().code, Code::conflict);
    EXPECT_EQ(accounts_.invite(administrator(), {{"BY-HR", "officer"}}, person).error().code, Code::conflict);
    EXPECT_EQ(behind(own), person);
    EXPECT_EQ(behind(staff), person);
    const SignIn in = sign_in("as staff", kPassword, code());
    ASSERT_EQ(in.outcome, Outcome::signed_in);
    const auto session = *accounts_.find_session(in.token);
    EXPECT_EQ(session->staff_person, person);
    EXPECT_FALSE(session->person) << "the account of staff opens nothing of the person's own";
    EXPECT_EQ(*accounts_.find_by_person(person), own);

    const AccountId old = officer("made without a person");
    EXPECT_EQ(behind(old), std::nullopt);
    EXPECT_EQ(accounts_.bind_staff(old, person).error().code, Code::conflict);
    EXPECT_EQ(accounts_.bind_staff(own, new_person()).error().code, Code::invalid);
    const PersonId other = new_person();
    ASSERT_TRUE(accounts_.bind_staff(old, other));
    ASSERT_TRUE(accounts_.bind_staff(old, other)) << "twice is once";
    EXPECT_EQ(accounts_.bind_staff(old, new_person()).error().code, Code::conflict);
    ASSERT_TRUE(accounts_.close(old));
    EXPECT_EQ(behind(old), std::nullopt);
}

TEST_P(AccountsTest, AnInvitationIsForOnePerson) {
    const AccountId admin = administrator();
    const PersonId person = new_person();
    const std::string first = *accounts_.invite(admin, {{"BY-MI", "officer"}}, person);
    const std::string second = *accounts_.invite(admin, {{"BY-MI", "officer"}}, person);
    const AccountId id = *accounts_.accept_invitation(first, "invited", kPassword);
    EXPECT_EQ((*accounts_.find_account(id))->staff_person, person);
    EXPECT_EQ(accounts_.accept_invitation(second, "invited twice", kPassword).error().code, Code::conflict);
}

TEST_P(AccountsTest, RememberSignIns) {
    const AccountId id = citizen();
    sign_in("Alena Kavalenka", "wrong");
    clock_.advance(seconds(1));
    sign_in("Alena Kavalenka");
    const auto events = accounts_.sign_ins_of(id);
    ASSERT_EQ(events->size(), 2U);
    EXPECT_EQ((*events)[0].result, "signed_in");
    EXPECT_EQ((*events)[1].result, "refused");
    EXPECT_EQ((*events)[0].client, "192.0.2.0/24");
}

INSTANTIATE_TEST_SUITE_P(Stores, AccountsTest, testing::ValuesIn(store::scratch_kinds()));

TEST(ProblemWithPassword, NamesWhatIsWrong) {
    EXPECT_FALSE(problem_with_password("walnut kettle", "alena"));
    EXPECT_FALSE(problem_with_password(std::string(128, 'a') .replace(0, 5, "horse"), ""));
    for (const std::string bad : {"", "1234567", "password123", "PASSWORD123", "йцукен123", "aaaaaaaaaaaa", "abababababab", "alena-2026-xyz"}) {
        EXPECT_TRUE(problem_with_password(bad, "Alena")) << bad;
    }
    EXPECT_TRUE(problem_with_password(std::string(129, 'x') + "y", ""));
    EXPECT_TRUE(problem_with_password("\xff\xff\xff\xff\xff\xff\xff\xff\xff", ""));
}

TEST(ClientAddresses, LoseTheirLastPart) {
    EXPECT_EQ(truncated_address("192.0.2.17"), "192.0.2.0/24");
    EXPECT_EQ(truncated_address("::ffff:192.0.2.17"), "192.0.2.0/24");
    EXPECT_EQ(truncated_address("2001:db8:1:2:3:4:5:6"), "2001:db8:1::/48");
    EXPECT_EQ(truncated_address("not an address"), "unknown");
    EXPECT_EQ(network_of("2001:db8:1:2:3:4:5:6"), "2001:db8:1:2::/64");
    EXPECT_EQ(network_of("192.0.2.17"), "192.0.2.17");
}

// No name, password, secret, token or address of anybody may stand in the file.
TEST(IdentityStore, HoldsNothingInClear) {
    const auto steps = migrations();
    store::ScratchStore scratch("sqlite", steps);
    ManualClock clock(*parse_instant("2026-11-23T10:00:00Z"));
    SystemRandom random;
    const Bytes secret = to_bytes("CANARYsecretCANARY20");
    std::vector<std::string> canaries = {"Canary Kanareika", "canary kanareika", "canary password phrase", "CANARYsecretCANARY20", "203.0.113.77",
                                         "canary content of a case"};
    {
        Accounts accounts(*scratch, kTestMasterKey, "Madang", clock, random);
        Vault vault(kTestMasterKey, clock, random);
        const PersonId person = make_id<PersonId>(clock, random);
        ASSERT_TRUE(accounts.create_account({"Canary Kanareika", "canary password phrase", person, {{"BY-MI", "officer"}}, secret}));
        const auto in = accounts.sign_in({"Canary Kanareika", "canary password phrase", crypto::totp_at(secret, clock.now()), "203.0.113.77"});
        ASSERT_EQ(in->outcome, Outcome::signed_in);
        canaries.push_back(in->token);
        canaries.emplace_back(as_text(*parse_base64url(in->token)));
        ASSERT_TRUE(scratch->write<Bytes>([&](store::Tx& tx) { return vault.seal(tx, person, as_bytes("canary content of a case")); }));
    }
    const Path file = scratch.address();
    std::string all;
    for (const auto& entry : std::filesystem::directory_iterator(file.parent_path())) {
        const auto bytes = read_file(entry.path(), 64U << 20);
        if (bytes) all += *bytes;
    }
    EXPECT_NE(all.find("identity_account"), std::string::npos);
    for (const std::string& canary : canaries) EXPECT_EQ(all.find(canary), std::string::npos) << canary;
}

}  // namespace
}  // namespace madang::identity
