// A house with its people, for the tests of casework: the pack of Belarus on a scratch store of either kind.
#pragma once

#include <gmock/gmock.h>

#include <mutex>
#include <string>
#include <vector>

#include "base/time_text.h"
#include "casework/casework.h"
#include "casework/migrations.h"
#include "crypto/key_folder.h"
#include "documents/migrations.h"
#include "identity/migrations.h"
#include "ledger/migrations.h"
#include "process/migrations.h"
#include "registers/migrations.h"
#include "store/testing.h"

namespace madang::casework {

using catalogue::Ground;

inline constexpr const char* kService = "certificate-of-residence";
inline constexpr const char* kBody = "BY-MI-MLD-RSC";
inline constexpr const char* kOrigin = "by.example/ledger";
inline constexpr const char* kGround = "Decree No. 200";

inline std::vector<store::Migration> all_migrations() {
    std::vector<store::Migration> all;
    for (auto& steps : {ledger::migrations(), process::migrations(), identity::migrations(), registers::migrations(), documents::migrations(), migrations()}) {
        all.insert(all.end(), steps.begin(), steps.end());
    }
    return all;
}

inline const catalogue::Pack& pack() {
    static const catalogue::Pack loaded = *catalogue::load_pack(MADANG_SOURCE_DIR "/packs/by");
    return loaded;
}

// With a service that costs something, wants four eyes and has a term with an end.
inline catalogue::Pack make_strict_pack() {
    catalogue::Pack changed = pack();
    catalogue::Service& service = changed.services.front();
    service.fee_amount = "12.50";
    service.exemptions = {{"large-family", "A large family", "Law, article 5"}};
    service.refunds = {{"withdrawn", "Law, article 6"}, {"late", "Law, article 7"}};
    service.four_eyes = true;
    service.term = *government::parse_term({{"kind", "working_days"}, {"count", 3}, {"article", "Law, article 1"},
                                            {"extensions", {{"count", 1}, {"total", {{"kind", "working_days"}, {"count", 2}}}}},
                                            {"at_end", json::array{{{"effect", "fee_refund"}, {"article", "Law, article 7"}}, {{"effect", "deemed_refusal"}, {"article", "Law, article 8"}}}}}, "test");
    service.completion = catalogue::Completion{*government::parse_term({{"kind", "working_days"}, {"count", 5}}, "test"), "Law, article 2"};
    service.appeal = catalogue::Appeal{"BY-MI-MLD", *government::parse_term({{"kind", "calendar_days"}, {"count", 15}}, "test"), 30, "Law, article 9"};
    return changed;
}

// Keeps what was said, for looking at.
class KeptLog final : public Log {
public:
    void write(Level, std::string_view message, std::initializer_list<LogField> fields) override {
        const std::lock_guard lock(mutex_);
        std::string line(message);
        for (const auto& [name, value] : fields) line += " " + std::string(name) + "=" + value;
        lines_.push_back(std::move(line));
    }
    std::vector<std::string> entries() {
        const std::lock_guard lock(mutex_);
        return lines_;
    }

private:
    std::mutex mutex_;
    std::vector<std::string> lines_;
};

// Keys of a house in a folder that goes with them.
class ScratchKeys {
public:
    ScratchKeys(const Clock& clock, Random& random) {
        std::string pattern = testing::TempDir() + "madang-casework-XXXXXX";
        folder_ = ::mkdtemp(pattern.data());
        keys_ = std::make_unique<crypto::KeyFolder>(*crypto::KeyFolder::open_or_create(folder_ / "keys", "Belarus", random, clock));
    }
    ~ScratchKeys() { std::filesystem::remove_all(folder_); }
    ScratchKeys(const ScratchKeys&) = delete;
    ScratchKeys& operator=(const ScratchKeys&) = delete;
    const crypto::KeyFolder* operator->() const { return keys_.get(); }

private:
    Path folder_;
    std::unique_ptr<crypto::KeyFolder> keys_;
};

// A receipt with whose it is.
struct CaseRowView {
    Receipt receipt;
    Applicant who;
};

class CaseworkFixture : public testing::TestWithParam<std::string> {
protected:
    explicit CaseworkFixture(const catalogue::Pack& used = pack(), std::unique_ptr<PaymentProvider> provider = nullptr) : pack_(used), provider_(std::move(provider)) {}

    void SetUp() override {
        ASSERT_TRUE(store_->write([&](store::Tx& tx) {
            return population_.load(tx, people_.data, *parse_date("1950-01-01"), {.who = {}, .capacity = "system", .body = kBody, .case_id = {}, .legal_ground = kGround});
        }));
    }
    Applicant applicant(std::string_view key) { return {make_id<identity::AccountId>(clock_, random_), people_.persons.find(key)->second, "self", kGround}; }
    static form::Answers answers(const std::string& house) {
        return {{"town", {"Maladziečna"}}, {"street", {"vulica Prytyckaha"}}, {"house", {house}}, {"flat", {house == "12" ? "45" : ""}}, {"purpose", {"work"}}};
    }
    Receipt submit(const Applicant& who, const std::string& house, const std::string& key = "key") {
        const auto outcome = casework_.submit({kService, who, "en", key, answers(house)});
        EXPECT_TRUE(outcome) << outcome.error().message;
        EXPECT_TRUE(outcome->receipt);
        return outcome->receipt.value_or(Receipt{});
    }
    void work() {
        for (int i = 0; i < 100; ++i) {
            const auto worked = casework_.work_once();
            ASSERT_TRUE(worked) << worked.error().message;
            if (!*worked) return;
        }
        FAIL() << "the house does not come to rest";
    }
    CaseSummary case_of(const Receipt& receipt, const Applicant& who) { return *casework_.find_case(receipt.receipt, {who.account, who.person}); }
    CaseSummary now(const CaseRowView& view) { return case_of(view.receipt, view.who); }
    std::vector<std::string> acts_of(const CaseSummary& summary) {
        std::vector<std::string> kinds;
        for (const auto& act : *casework_.history(summary)) kinds.push_back(act.kind);
        return kinds;
    }
    // Each a person of their own.
    Officer officer(std::string body = kBody) {
        return {make_id<identity::AccountId>(clock_, random_), std::move(body), make_id<identity::PersonId>(clock_, random_)};
    }
    std::string proposal_seen(Casework& house, const CaseSummary& one, const Officer& officer) {
        const auto content = house.open_content(one, {.who = officer.account, .capacity = "officer", .body = officer.body, .case_id = one.id.text(), .legal_ground = kGround});
        return content ? proposal_hash(*content) : std::string();
    }
    // As one who has looked at what is proposed now.
    Result<void> confirm(const CaseSummary& one, const Officer& officer) { return casework_.desk().confirm(one.id, officer, proposal_seen(casework_, one, officer)); }
    static OfficerDecision grant() { return {Ground::Outcome::grant, "1.3.4", "The lease was shown at the counter."}; }
    static OfficerDecision refuse() { return {Ground::Outcome::refuse, "25", "No document shows it."}; }
    std::int64_t count(const std::string& sql) {
        const auto found = store_->read<std::optional<std::int64_t>>([&](store::Reader& reader) {
            return reader.first<std::int64_t>(sql, {}, [](const store::Row& row) -> Result<std::int64_t> { return row.integer(0); });
        });
        return found->value_or(-1);
    }

    const catalogue::Pack& pack_;
    std::unique_ptr<PaymentProvider> provider_;
    ManualClock clock_{*parse_instant("2026-11-23T07:00:00Z")};
    SystemRandom random_;
    ScratchKeys keys_{clock_, random_};
    std::vector<store::Migration> steps_ = all_migrations();
    store::ScratchStore store_{GetParam(), steps_};
    ledger::Ledger ledger_{*store_, keys_->ledger_key(), kOrigin, clock_, random_};
    const Bytes master_ = Bytes(32, 1);
    const Bytes index_ = Bytes(32, 2);
    identity::Vault vault_{master_, clock_, random_};
    identity::AccessLog access_log_{clock_, random_};
    identity::Mandates mandates_{clock_, random_};
    registers::Registers registers_{pack().registers, vault_, access_log_, {master_, index_}, clock_, random_};
    registers::PopulationRegister population_{registers_};
    documents::Certificates certificates_{documents::Parts{*store_, ledger_, vault_, access_log_, keys_->documents(), keys_->certificate_key(), kOrigin,
                                                           "Belarus", "https://by.example/verify", pack().government.time_zone(), clock_, random_}};
    process::Engine engine_{clock_, random_};
    KeptLog log_;
    Casework casework_{Parts{*store_, ledger_, pack_, vault_, access_log_, mandates_, population_, certificates_, engine_, clock_, random_, log_}, std::move(provider_)};
    const catalogue::Populated people_ = catalogue::populate(*pack().people, clock_, random_);
};

}  // namespace madang::casework
