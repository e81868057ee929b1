// A thousand applications under one seed that drives the clock, the people, failing stores, answers that are lost and restarts.
// However it goes: no deadline moves without an act, nothing is decided, charged or issued twice, and every case comes to its end.
#include <map>
#include <set>

#include "base/text.h"
#include "casework/casework_fixture.h"

namespace madang::casework {
namespace {

constexpr int kCases = 1000;

// A store that, while it is not calm, is away now and then: before a transaction, in the middle of one, or with its answer.
class FaultyStore final : public store::Store {
public:
    FaultyStore(store::Store& inner, Random& dice) : inner_(inner), dice_(dice) {}
    bool calm = true;
    int faults = 0;

    Result<void> migrate(std::span<const store::Migration> steps) override { return inner_.migrate(steps); }
    Result<bool> try_lead(std::string_view task) override { return inner_.try_lead(task); }
    void stop_leading(std::string_view task) override { inner_.stop_leading(task); }
    store::Health health() override { return inner_.health(); }
    std::string_view kind() const override { return inner_.kind(); }
    Result<void> backup_to(const std::string& path) override { return inner_.backup_to(path); }

protected:
    Result<void> write_erased(const std::function<Result<void>(store::Tx&)>& closure) override {
        const std::uint64_t kind = calm || dice_.below(12) != 0 ? 3 : dice_.below(3);
        if (kind < 3) ++faults;
        if (kind == 0) return fail(Code::unavailable, "the store is away");
        if (kind == 3) return inner_.write([&](store::Tx& tx) { return closure(tx); });
        const auto written = inner_.write([&](store::Tx& tx) -> Result<void> {
            TRY_DO(closure(tx));
            return kind == 1 ? fail(Code::unavailable, "the store went away in the middle of it") : Result<void>();
        });
        if (!written) return written;
        return fail(Code::unavailable, "it was written, and the answer was lost");
    }
    Result<void> read_erased(const std::function<Result<void>(store::Reader&)>& closure) override {
        TRY_DO(inner_.read<int>([&](store::Reader& reader) -> Result<int> {
            TRY_DO(closure(reader));
            return 0;
        }));
        return {};
    }

private:
    store::Store& inner_;
    Random& dice_;
};

const catalogue::Pack& paid_pack() {
    static const catalogue::Pack paid = [] {
        catalogue::Pack changed = make_strict_pack();
        catalogue::Service& service = changed.services.front();
        service.appeal.reset();
        service.completion = catalogue::Completion{*government::parse_term({{"kind", "working_days"}, {"count", 2}}, "test"), "Law, article 2", catalogue::Completion::Unanswered::lapse};
        return changed;
    }();
    return paid;
}

class CaseworkSimulation : public CaseworkFixture {
protected:
    CaseworkSimulation() : CaseworkFixture(paid_pack()) {}

    struct Known {
        Applicant who;
        std::string key, receipt;
        Instant due_at{};
        bool closed = false;
    };

    void TearDown() override { house_.reset(); }
    // A house that knows nothing but what the store holds.
    void restart() {
        house_.reset();
        engine_of_house_ = std::make_unique<process::Engine>(clock_, random_);
        house_ = std::make_unique<Casework>(Parts{faulty_, ledger_, pack_, vault_, access_log_, mandates_, population_, certificates_, *engine_of_house_, clock_, random_, log_});
    }
    void begin_one() {
        if (waiting_ == kCases) return;
        const std::string key = format("key-{}", waiting_);
        if (cases_.size() == static_cast<std::size_t>(waiting_)) cases_.push_back({applicant(waiting_ % 2 == 0 ? "siarhei" : "alena"), key, {}});
        Known& one = cases_.back();
        // As a person does who got no answer: the same again, with the same key.
        const auto outcome = house_->submit({.service = kService, .applicant = one.who, .language = "en", .idempotency_key = key, .answers = answers("77"), .exemption = dice_.below(2) == 0 ? "large-family" : ""});
        if (!outcome) {
            EXPECT_EQ(outcome.error().code, Code::unavailable) << outcome.error().message;
            return;
        }
        ASSERT_TRUE(outcome->receipt);
        one.receipt = outcome->receipt->receipt;
        ++waiting_;
        look_at(one);
    }
    // No deadline moves without an act: each date is the one that the newest act of the clock states.
    void look_at(Known& one) {
        const auto summary = house_->find_case(one.receipt, {one.who.account, one.who.person});
        ASSERT_TRUE(summary) << summary.error().message;
        std::map<std::string, int> acts;
        std::string stated;
        for (const ledger::Act& act : *house_->history(*summary)) {
            ++acts[act.kind];
            if (act.kind.starts_with("term.")) stated = string_or(act.details, "due_at", "");
        }
        EXPECT_EQ(stated, format_instant(summary->due_at)) << one.receipt;
        moved_ += one.due_at != Instant() && summary->due_at != one.due_at ? 1 : 0;
        for (const char* once : {"application.submitted", "fee.charged", "fee.exempted", "fee.paid", "application.granted", "application.refused", "application.withdrawn"}) {
            EXPECT_LE(acts[once], 1) << one.receipt << " " << once;
        }
        EXPECT_LE(acts["application.granted"] + acts["application.refused"] + acts["application.withdrawn"], 1) << one.receipt;
        one.due_at = summary->due_at;
        one.closed = is_closed(summary->status);
    }
    // What may be done with it now; what may not is refused and changes nothing.
    void touch(Known& one) {
        const auto summary = house_->find_case(one.receipt, {one.who.account, one.who.person});
        ASSERT_TRUE(summary);
        const CaseId id = summary->id;
        switch (dice_.below(9)) {
            case 0: (void)house_->fees().pay_at_desk(one.receipt, cashier_, format("K-{}", one.receipt)); break;
            case 1: (void)house_->decide(id, first_, dice_.below(2) == 0 ? grant() : refuse()); break;
            case 2: (void)house_->desk().confirm(id, second_, proposal_seen(*house_, *summary, second_)); break;
            case 3: (void)house_->letters().request_completion(id, first_, {"The lease"}, "Please"); break;
            case 4: (void)house_->letters().answer_completion(*summary, one.who.account, "Here it is", {}); break;
            case 5: (void)house_->terms().extend(id, first_, *government::parse_short_term("1wd"), "Many came", "Law, article 1"); break;
            case 6: (void)house_->consultations().ask(id, first_, {"BY-MI-MLD"}, "Do you know of it?", *government::parse_short_term("1wd")); break;
            case 7: {
                const auto asked = house_->consultations().inbox(other_);
                if (asked && !asked->empty()) (void)house_->consultations().answer(asked->front().body, asked->front().case_id, asked->front().number, other_, "agree", "Yes");
                break;
            }
            default:
                if (dice_.below(8) == 0) (void)house_->procedures().withdraw(*summary, one.who.account);
                break;
        }
        look_at(one);
    }
    void work(int at_most) {
        for (int i = 0; i < at_most; ++i) {
            const auto worked = house_->work_once();
            if (!worked) EXPECT_EQ(worked.error().code, Code::unavailable) << worked.error().message;
            if (worked && !*worked) return;
        }
    }

    SeededRandom dice_{20261201};
    FaultyStore faulty_{*store_, dice_};
    std::unique_ptr<process::Engine> engine_of_house_;
    std::unique_ptr<Casework> house_;
    std::vector<Known> cases_;
    int waiting_ = 0, moved_ = 0;
    const Officer first_ = officer(), second_ = officer(), cashier_ = officer(), other_ = officer("BY-MI-MLD");
};
INSTANTIATE_TEST_SUITE_P(Embedded, CaseworkSimulation, testing::Values("sqlite"), [](const auto& kind) { return kind.param; });

TEST_P(CaseworkSimulation, NoDeadlineMovesWithoutAnActAndNothingIsDoneTwice) {
    restart();
    faulty_.calm = false;
    for (int turn = 0; turn < 10 * kCases && !HasFailure(); ++turn) {
        switch (dice_.below(16)) {
            case 0: clock_.advance(std::chrono::minutes(dice_.below(30))); break;
            case 1:
                if (dice_.below(40) == 0) restart();
                break;
            case 2:
            case 3: begin_one(); break;
            case 4:
            case 5:
            case 6: work(10); break;
            default:
                if (waiting_ > 0) touch(cases_[dice_.below(static_cast<std::uint64_t>(waiting_))]);
        }
    }
    // The store holds; what is still open is left to the law.
    faulty_.calm = true;
    restart();
    while (waiting_ < kCases && !HasFailure()) begin_one();
    const auto open = [&] { return std::ranges::count_if(cases_, [](const Known& one) { return !one.closed; }); };
    for (int day = 0; day < 60 && open() > 0 && !HasFailure(); ++day) {
        work(20 * kCases);
        for (Known& one : cases_) {
            if (one.closed) continue;
            (void)house_->fees().pay_at_desk(one.receipt, cashier_, format("K-{}", one.receipt));
            look_at(one);
        }
        for (auto asked = house_->consultations().inbox(other_); asked && !asked->empty(); asked = house_->consultations().inbox(other_)) {
            for (const Consultation& one : *asked) ASSERT_TRUE(house_->consultations().answer(one.body, one.case_id, one.number, other_, "agree", "Yes"));
        }
        clock_.advance(std::chrono::hours(24));
    }
    EXPECT_EQ(open(), 0);
    EXPECT_EQ(count("SELECT count(*) FROM casework_case"), kCases) << "an application that was sent again is one case";
    EXPECT_GT(moved_, 100);
    EXPECT_GT(faulty_.faults, 300);
    std::printf("%d dates moved, each with its act; %d faults of the store\n", moved_, faulty_.faults);
}

}  // namespace
}  // namespace madang::casework
