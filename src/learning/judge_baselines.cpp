// Entities that do more than usual, on arriving events.
#include <array>

#include "base/binary.h"
#include "base/text.h"
#include "learning/judges.h"

namespace madang::learning {
namespace {

constexpr std::size_t kMaxEntityName = 256;   // bytes
constexpr std::size_t kMaxFields = 16;
constexpr std::uint64_t kMaxMemory = std::uint64_t{1} << 30;
constexpr std::uint32_t kForm = 1;
constexpr std::string_view kVersion = "1";    // of how is counted
constexpr auto kAbout = std::chrono::minutes(5);

class BaselineJudge final : public security::Judge {
public:
    BaselineJudge(std::vector<std::string> fields, const BaselineSettings& settings, OffsetOf offset_of) : fields_(std::move(fields)), settings_(settings), offset_of_(std::move(offset_of)) {
        // One for each field: strange addresses without end must not make the names of users forgotten.
        for (std::size_t i = 0; i < fields_.size(); ++i) all_.emplace_back(settings_, std::chrono::minutes(0));
    }

    std::string_view name() const override { return "baselines"; }
    bool remembers() const override { return true; }

    void look(const security::JudgedEvent& event, const Tell& tell) override {
        const bool ahead = event.record.at > event.now + kAbout;
        for (std::size_t i = 0; i < event.event.size(); ++i) {
            const security::EventField field = event.event.at(i);
            if (field.null || field.value.empty() || field.value == "-") continue;
            for (std::size_t which = 0; which < fields_.size(); ++which) {
                if (field.name != fields_[which]) continue;
                if (ahead) ++ahead_;
                else if (!stood_before(event.event, i)) count(event, which, field.value.substr(0, kMaxEntityName), tell);
            }
        }
    }

    security::JudgeCounts counts() const override {
        security::JudgeCounts counts{.version = std::string(kVersion), .judged = judged_, .passed_over = ahead_};
        for (const Baselines& one : all_) counts.remembered += one.entities(), counts.passed_over += one.late();
        return counts;
    }

    std::string memory() const override {
        BinaryWriter out;
        out.put(kForm);
        out.put(static_cast<std::uint64_t>(fields_.size()));
        for (std::size_t i = 0; i < fields_.size(); ++i) {
            out.put_text(fields_[i]);
            out.put_text(all_[i].memory());
        }
        return out.take();
    }

    Result<void> recall(std::string_view memory) override {
        auto read = read_fields(memory);
        if (!read) {
            for (Baselines& one : all_) one = Baselines(settings_, std::chrono::minutes(0));
        }
        return read;
    }

private:
    Result<void> read_fields(std::string_view memory) {
        BinaryReader in(memory);
        TRY(const auto form, in.take<std::uint32_t>());
        if (form != kForm) return fail(Code::corrupted, format("form {} is not known", form));
        TRY(const auto count, in.take<std::uint64_t>());
        for (std::uint64_t i = 0; i < count && i < kMaxFields; ++i) {
            TRY(const auto name, in.take_text(kMaxEntityName));
            TRY(const auto learned, in.take_text(kMaxMemory));
            // A field that the settings name no longer is forgotten.
            for (std::size_t which = 0; which < fields_.size(); ++which) {
                if (fields_[which] == name) TRY_DO(within(all_[which].recall(learned), name));
            }
        }
        return {};
    }

    // Two fields of one name in ECS often say the same: that is one event.
    static bool stood_before(const security::Event& event, std::size_t place) {
        const security::EventField field = event.at(place);
        for (std::size_t i = 0; i < place; ++i) {
            const security::EventField other = event.at(i);
            if (other.name == field.name && other.value == field.value) return true;
        }
        return false;
    }

    void count(const security::JudgedEvent& event, std::size_t which, std::string_view entity, const Tell& tell) {
        Baselines& one = all_[which];
        one.set_offset(offset_at(event.record.at));
        ++judged_;
        auto unusual = one.add(entity, event.record.at);
        if (!unusual) return;
        security::Judgement found = judgement_of(event);
        found.title = "Far more events than usual at such an hour";
        found.version = kVersion;
        found.detail = fields_[which];
        found.score = unusual->deviations;
        found.threshold = settings_.alarm;
        found.reasons = {unusual->words, format("{:.1f} times what such hours scatter by", unusual->deviations)};
        found.fields = {{fields_[which], std::string(entity)}, {"seen", format("{:.0f}", unusual->seen)}, {"usual", format("{:.1f}", unusual->usual)}};
        tell(std::move(found));
    }

    // Zones are asked once for each hour: their tables are slow.
    std::chrono::minutes offset_at(Instant at) {
        const std::int64_t hour = std::chrono::floor<std::chrono::hours>(at.time_since_epoch()).count();
        auto& [known, offset] = offsets_[static_cast<std::size_t>(hour & 63)];
        if (known != hour) {
            known = hour;
            offset = offset_of_(at);
        }
        return offset;
    }

    std::vector<std::string> fields_;
    BaselineSettings settings_;
    OffsetOf offset_of_;
    std::vector<Baselines> all_;             // by field
    std::array<std::pair<std::int64_t, std::chrono::minutes>, 64> offsets_ = [] {
        std::array<std::pair<std::int64_t, std::chrono::minutes>, 64> none;
        none.fill({INT64_MIN, std::chrono::minutes(0)});
        return none;
    }();
    std::uint64_t judged_ = 0, ahead_ = 0;
};

}  // namespace

std::unique_ptr<security::Judge> make_baseline_judge(std::vector<std::string> fields, const BaselineSettings& settings, OffsetOf offset_of) {
    return std::make_unique<BaselineJudge>(std::move(fields), settings, std::move(offset_of));
}

}  // namespace madang::learning
