#include "security/judge_panel.h"

#include <chrono>
#include <filesystem>

#include "base/binary.h"
#include "base/text.h"
#include "base/time_text.h"
#include "security/detector.h"
#include "security/event_time.h"
#include "security/finding.h"

namespace madang::security {
namespace {

constexpr std::string_view kMagic = "MJM1";
constexpr auto kNoteMemory = std::chrono::minutes(1);
constexpr std::size_t kMaxMemoryBytes = std::size_t{1} << 30;
constexpr std::uint32_t kMaxJudges = 64;
constexpr std::size_t kMaxJudgeName = 200;

double seconds_since(std::chrono::steady_clock::time_point start) { return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count(); }

}  // namespace

Judgement judgement_of(const JudgedEvent& about) {
    Judgement one;
    one.place = about.place;
    one.number = about.number;
    one.at = about.record.at;
    one.time = format_instant(about.record.at);
    one.computer = computer_of(about.event);
    one.source = about.record.source;
    one.event = about.record.line;
    return one;
}

JudgePanel::JudgePanel(std::vector<std::unique_ptr<Judge>> judges, EcsNames names, Path memory, const Clock& clock, Log& log)
    : names_(std::move(names)), memory_(std::move(memory)), clock_(clock), log_(log) {
    for (auto& one : judges) judges_.push_back({std::move(one)});
    keep_counts();
}

bool JudgePanel::remembers() const {
    for (const Seat& one : judges_) {
        if (one.judge->remembers()) return true;
    }
    return false;
}

void JudgePanel::look(Event& event, const SpoolRecord& record, SpoolPlace place, std::uint32_t number, const Tell& tell) {
    names_.add_to(event, origin_of(event, record.format, {}));
    const JudgedEvent about{event, record, place, number, clock_.now()};
    for (Seat& one : judges_) {
        const auto start = std::chrono::steady_clock::now();
        one.judge->look(about, [&](Judgement&& found) {
            ++one.findings;
            tell(one.judge->name(), std::move(found));
        });
        one.seconds += seconds_since(start);
    }
}

void JudgePanel::end_block(const Tell& tell) {
    for (Seat& one : judges_) {
        const auto start = std::chrono::steady_clock::now();
        one.judge->end_block([&](Judgement&& found) {
            ++one.findings;
            tell(one.judge->name(), std::move(found));
        });
        one.seconds += seconds_since(start);
    }
    keep_counts();
}

void JudgePanel::remind(Event& event, const SpoolRecord& record, SpoolPlace place, std::uint32_t number) {
    event.clear();
    (void)parse_record(record, event).has_value();
    names_.add_to(event, origin_of(event, record.format, {}));
    const JudgedEvent about{event, record, place, number, clock_.now()};
    for (Seat& one : judges_) {
        if (one.judge->remembers()) one.judge->look(about, [](Judgement&&) {});
    }
}

void JudgePanel::end_reminded_block() {
    for (Seat& one : judges_) {
        if (one.judge->remembers()) one.judge->end_block([](Judgement&&) {});
    }
}

void JudgePanel::keep_counts() {
    std::vector<std::pair<std::string, JudgeCounts>> all;
    for (const Seat& one : judges_) {
        JudgeCounts counts = one.judge->counts();
        counts.findings = one.findings;
        counts.seconds = one.seconds;
        all.emplace_back(one.judge->name(), std::move(counts));
    }
    const std::lock_guard lock(mutex_);
    counts_ = std::move(all);
}

std::vector<std::pair<std::string, JudgeCounts>> JudgePanel::counts() const {
    const std::lock_guard lock(mutex_);
    return counts_;
}

void JudgePanel::look_for_changes() {
    for (Seat& one : judges_) one.judge->look_for_changes();
}

void JudgePanel::note(SpoolPlace place) {
    if (place != noted_place_ && clock_.now() - noted_ >= kNoteMemory) note_now(place);
}

void JudgePanel::note_now(SpoolPlace place) {
    if (!remembers()) return;
    noted_ = clock_.now();
    noted_place_ = place;
    std::vector<const Judge*> all;
    for (const Seat& one : judges_) {
        if (one.judge->remembers()) all.push_back(one.judge.get());
    }
    BinaryWriter out;
    out.put_bytes(kMagic);
    out.put(place.segment);
    out.put(place.offset);
    out.put(static_cast<std::uint32_t>(all.size()));
    for (const Judge* one : all) {
        out.put_text(one->name());
        out.put_text(one->memory());
    }
    out.put(fnv1a(std::string_view(out.bytes()).substr(kMagic.size())));
    const std::lock_guard lock(mutex_);
    picture_ = out.take();
}

void JudgePanel::write() {
    const std::lock_guard alone(writing_);
    std::optional<std::string> picture;
    {
        const std::lock_guard lock(mutex_);
        picture.swap(picture_);
    }
    if (!picture) return;
    if (const auto written = write_file_whole(memory_, *picture, Readable::by_owner); !written) {
        log_.warning("what judges remember cannot be kept", {{"reason", written.error().message}});
    }
}

Result<SpoolPlace> JudgePanel::read(SpoolPlace newest) {
    TRY(const std::string text, read_file(memory_, kMaxMemoryBytes));
    std::string_view bytes = text;
    if (!bytes.starts_with(kMagic)) return fail(Code::corrupted, "it is no memory of judges in a version that is known");
    bytes.remove_prefix(kMagic.size());
    if (bytes.size() < sizeof(std::uint64_t)) return fail(Code::corrupted, "it ends too soon");
    BinaryReader sum(bytes.substr(bytes.size() - sizeof(std::uint64_t)));
    bytes.remove_suffix(sizeof(std::uint64_t));
    if (*sum.take<std::uint64_t>() != fnv1a(bytes)) return fail(Code::corrupted, "its checksum does not fit");
    BinaryReader in(bytes);
    SpoolPlace place;
    TRY(place.segment, in.take<std::uint64_t>());
    TRY(place.offset, in.take<std::uint64_t>());
    if (place > newest) return fail(Code::conflict, "it is of other events than those that are here");
    TRY(const auto count, in.take<std::uint32_t>());
    if (count > kMaxJudges) return fail(Code::corrupted, "it holds too many judges");
    std::size_t known = 0;
    for (std::uint32_t i = 0; i < count; ++i) {
        TRY(const auto name, in.take_text(kMaxJudgeName));
        TRY(const auto memory, in.take_text(kMaxMemoryBytes));
        for (Seat& one : judges_) {
            if (!one.judge->remembers() || one.judge->name() != name) continue;
            ++known;
            if (const auto recalled = one.judge->recall(memory); !recalled) {
                log_.warning("a judge cannot read what it remembered and begins anew", {{"judge", std::string(name)}, {"reason", recalled.error().message}});
            }
        }
    }
    log_.info("judges remember", {{"judges", std::to_string(known)}, {"place", to_text(place)}});
    return place;
}

std::optional<SpoolPlace> JudgePanel::recall(SpoolPlace newest) {
    std::error_code problem;
    if (!remembers() || !std::filesystem::exists(memory_, problem)) return std::nullopt;
    const auto place = read(newest);
    keep_counts();
    if (place) return *place;
    const Path aside = memory_.string() + ".damaged";
    std::filesystem::rename(memory_, aside, problem);
    log_.error("what judges remember cannot be read; they learn again from the kept events", {{"reason", place.error().message}, {"kept_as", aside.string()}});
    return std::nullopt;
}

}  // namespace madang::security
