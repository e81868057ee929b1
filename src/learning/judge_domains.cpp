// Names that programs drew, on arriving events.
#include <chrono>
#include <functional>
#include <list>
#include <unordered_map>

#include "base/binary.h"
#include "base/text.h"
#include "learning/domain_names.h"
#include "learning/judges.h"

namespace madang::learning {
namespace {

constexpr std::size_t kTold = 50'000;
constexpr std::size_t kMaxKey = 600;         // bytes: a day, a source, a label
constexpr std::uint32_t kForm = 1;
constexpr std::string_view kVersion = "1";   // of the letters and weights in domain_names
constexpr auto kAbout = std::chrono::minutes(5);

class DomainJudge final : public security::Judge {
public:
    explicit DomainJudge(std::vector<std::string> fields) : fields_(std::move(fields)) {}

    std::string_view name() const override { return "generated-domains"; }
    bool remembers() const override { return true; }

    void look(const security::JudgedEvent& event, const Tell& tell) override {
        for (std::size_t i = 0; i < event.event.size(); ++i) {
            const security::EventField field = event.event.at(i);
            if (field.null || field.value.empty()) continue;
            for (const std::string& wanted : fields_) {
                if (field.name == wanted) judge(event, field, tell);
            }
        }
    }

    security::JudgeCounts counts() const override { return {.version = std::string(kVersion), .judged = judged_, .passed_over = passed_over_, .remembered = order_.size()}; }

    std::string memory() const override {
        BinaryWriter out;
        out.put(kForm);
        out.put(static_cast<std::uint64_t>(order_.size()));
        for (const std::string& one : order_) out.put_text(one);
        return out.take();
    }

    Result<void> recall(std::string_view memory) override {
        told_.clear();
        order_.clear();
        auto read = read_told(memory);
        if (!read) {
            told_.clear();
            order_.clear();
        }
        return read;
    }

private:
    Result<void> read_told(std::string_view memory) {
        BinaryReader in(memory);
        TRY(const auto form, in.take<std::uint32_t>());
        if (form != kForm) return fail(Code::corrupted, format("form {} is not known", form));
        TRY(const auto count, in.take<std::uint64_t>());
        for (std::uint64_t i = 0; i < count; ++i) {
            TRY(const auto key, in.take_text(kMaxKey));
            (void)is_first(std::string(key));
        }
        if (!in.at_end()) return fail(Code::corrupted, "it goes on behind its end");
        return {};
    }

    // What is asked again and again stays known, however many others come.
    bool is_first(std::string key) {
        if (const auto found = told_.find(key); found != told_.end()) {
            order_.splice(order_.end(), order_, found->second);
            return false;
        }
        order_.push_back(std::move(key));
        told_.emplace(order_.back(), std::prev(order_.end()));
        if (order_.size() > kTold) {
            told_.erase(order_.front());
            order_.pop_front();
        }
        return true;
    }

    void judge(const security::JudgedEvent& event, const security::EventField& field, const Tell& tell) {
        // Most names are asked for again and again, and nobody drew them.
        std::string& plain = plain_[std::hash<std::string_view>()(field.value) % plain_.size()];
        if (plain == field.value) {
            ++judged_;
            return;
        }
        auto score = judge_domain(field.value);
        if (!score) {
            ++passed_over_;
            return;
        }
        ++judged_;
        if (!score->generated) {
            plain = field.value;
            return;
        }
        // A clock that is ahead must not make a new day each time.
        const auto day = std::chrono::floor<std::chrono::days>(std::min(event.record.at, event.now + kAbout)).time_since_epoch().count();
        if (!is_first(format("{}\n{}\n{}", day, event.record.source.substr(0, 255), score->label))) return;
        security::Judgement found = judgement_of(event);
        found.title = "Name of a host that a program drew";
        found.version = kVersion;
        found.detail = score->label;
        found.score = score->probability;
        found.threshold = 0.5;   // the probability stands on the threshold of the log odds
        found.reasons = std::move(score->reasons);
        if (found.reasons.empty()) found.reasons.emplace_back("its letters, length and digits together look drawn, none of them much alone");
        found.fields = {{std::string(field.name), std::string(field.value)}, {"label", score->label}};
        for (const std::string_view other : {"source.ip", "host.name", "user.name"}) {
            if (const auto value = event.event.find(other)) found.fields.emplace_back(other, value->value);
        }
        tell(std::move(found));
    }

    std::vector<std::string> fields_;
    std::list<std::string> order_;           // the one asked for last is behind
    std::unordered_map<std::string_view, std::list<std::string>::iterator> told_;
    std::vector<std::string> plain_ = std::vector<std::string>(4096);   // names that were judged not to be drawn, by their hash
    std::uint64_t judged_ = 0, passed_over_ = 0;
};

}  // namespace

std::unique_ptr<security::Judge> make_domain_judge(std::vector<std::string> fields) { return std::make_unique<DomainJudge>(std::move(fields)); }

}  // namespace madang::learning
