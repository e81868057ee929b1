// Approved models on arriving events.
#include <array>
#include <atomic>
#include <filesystem>
#include <mutex>
#include <optional>

#include "base/text.h"
#include "learning/judges.h"
#include "learning/model_store.h"
#include "learning/record.h"

namespace madang::learning {
namespace {

namespace fs = std::filesystem;
constexpr std::size_t kBatch = 32;        // records that are scored together
constexpr std::size_t kReasons = 4;
constexpr std::size_t kExact = 32;        // reasons of one block that are worked out exactly: a flood of attacks must not hold up the rules
constexpr double kHigh = 0.9;             // of the way from the threshold to certainty

// Where events have what a request's model reads: the W3C's names (as web logs are read), ECS, Suricata.
constexpr std::array<std::string_view, 3> kMethods{"cs-method", "http.request.method", "http.http_method"};
constexpr std::array<std::string_view, 3> kTargets{"cs-uri", "url.original", "http.url"};
constexpr std::array<std::string_view, 2> kBodies{"http.request.body.content", "http.http_request_body"};
// What a person asks first.
constexpr std::array<std::string_view, 10> kShown{"source.ip", "source.port", "destination.ip", "destination.port", "user.name", "host.name", "cs-method", "cs-uri", "sc-status", "cs-user-agent"};

struct Loaded {
    Loaded(Model given, int version) : model(std::move(given)), number(version), reader(model.protocol, model.features) {}
    Model model;
    int number;
    RecordReader reader;
};

class ModelJudge final : public security::Judge {
public:
    ModelJudge(std::string name, Path models, const Clock& clock, Random& random, Log& log)
        : name_(std::move(name)), folder_(std::move(models)), clock_(clock), random_(random), log_(log) {}

    std::string_view name() const override { return name_; }
    void look(const security::JudgedEvent& event, const Tell& tell) override;
    void end_block(const Tell& tell) override {
        score_waiting(tell);
        explained_ = 0;
    }
    void look_for_changes() override;
    security::JudgeCounts counts() const override {
        return {.version = now_ ? std::to_string(now_->number) : std::string(), .judged = judged_, .passed_over = passed_over_, .refused = refused_.load()};
    }

private:
    Result<std::optional<Record>> record_of(const security::Event& event);
    void score_waiting(const Tell& tell);
    void tell_of(std::size_t row, float probability, const std::vector<Reason>& reasons, const Tell& tell);
    std::string state_of_files() const;
    Result<std::unique_ptr<Loaded>> load_other();

    std::string name_;
    Path folder_;
    const Clock& clock_;
    Random& random_;
    Log& log_;
    // Of the watching thread.
    std::unique_ptr<Loaded> now_;
    std::vector<float> rows_;                        // that wait to be scored
    std::vector<security::Judgement> waiting_;
    std::uint64_t judged_ = 0, passed_over_ = 0;
    std::size_t explained_ = 0;                      // in this block
    // Of the thread that looks for changes, and what it hands over.
    std::string state_;
    int loaded_ = 0;                                 // version
    std::mutex mutex_;
    std::unique_ptr<Loaded> next_;
    std::atomic<bool> has_next_ = false;
    std::atomic<std::uint64_t> refused_ = 0;
};

Result<std::optional<Record>> ModelJudge::record_of(const security::Event& event) {
    const auto first_of = [&](const auto& names) -> std::optional<std::string_view> {
        for (const std::string_view name : names) {
            if (const auto field = event.find(name); field && !field->null) return field->value;
        }
        return std::nullopt;
    };
    if (now_->model.protocol.format == Protocol::Format::http) {
        return now_->reader.read([&](std::string_view name) { return name == "method" ? first_of(kMethods) : name == "target" ? first_of(kTargets) : first_of(kBodies); });
    }
    // Records mostly come in the order of the columns: the next field is the first to be asked.
    std::size_t next = 0;
    return now_->reader.read([&](std::string_view name) -> std::optional<std::string_view> {
        for (std::size_t i = 0; i < event.size(); ++i) {
            const std::size_t place = (next + i) % event.size();
            const security::EventField field = event.at(place);
            if (field.name != name) continue;
            next = place + 1;
            if (field.null) return std::nullopt;
            return field.value;
        }
        return std::nullopt;
    });
}

void ModelJudge::look(const security::JudgedEvent& event, const Tell& tell) {
    if (has_next_.load(std::memory_order_acquire)) {
        score_waiting(tell);   // by the one that counted when they came
        const std::lock_guard lock(mutex_);
        now_ = std::move(next_);
        has_next_ = false;
    }
    if (!now_) return;
    auto record = record_of(event.event);
    if (!record) ++passed_over_;
    if (!record || !*record) return;
    rows_.insert(rows_.end(), (*record)->row.begin(), (*record)->row.end());
    security::Judgement one = judgement_of(event);
    one.sample = std::move((*record)->line);
    for (const std::string_view name : kShown) {
        if (const auto field = event.event.find(name); field && !field->null) one.fields.emplace_back(name, field->value.substr(0, 2048));
    }
    waiting_.push_back(std::move(one));
    if (waiting_.size() == kBatch) score_waiting(tell);
}

void ModelJudge::score_waiting(const Tell& tell) {
    if (waiting_.empty()) return;
    const std::size_t width = now_->model.features.size();
    const auto probability = score(now_->model, {rows_, width});
    if (!probability) log_.error("a model cannot score", {{"model", name_}, {"reason", probability.error().message}});
    if (probability) {
        judged_ += waiting_.size();
        std::vector<std::size_t> found;
        std::vector<float> values;
        for (std::size_t i = 0; i < waiting_.size(); ++i) {
            if (!((*probability)[i] > now_->model.threshold)) continue;
            found.push_back(i);
            values.insert(values.end(), rows_.begin() + static_cast<std::ptrdiff_t>(i * width), rows_.begin() + static_cast<std::ptrdiff_t>((i + 1) * width));
        }
        explained_ += found.size();
        const auto reasons = explain(now_->model, {values, width}, kReasons, explained_ <= kExact ? Booster::Adds::exact : Booster::Adds::quick);
        if (!reasons) log_.error("a model cannot say its reasons", {{"model", name_}, {"reason", reasons.error().message}});
        for (std::size_t i = 0; i < found.size(); ++i) tell_of(found[i], (*probability)[found[i]], reasons ? (*reasons)[i] : std::vector<Reason>(), tell);
    } else {
        passed_over_ += waiting_.size();
    }
    rows_.clear();
    waiting_.clear();
}

void ModelJudge::tell_of(std::size_t row, float probability, const std::vector<Reason>& reasons, const Tell& tell) {
    security::Judgement& found = waiting_[row];
    const double threshold = now_->model.threshold;
    found.title = format("Looks like an attack to the model {}", name_);
    found.version = std::to_string(now_->number);
    found.model = name_;
    found.score = probability;
    found.threshold = threshold;
    if (probability >= threshold + kHigh * (1 - threshold)) found.level = security::SigmaLevel::high;
    for (const Reason& one : reasons) found.reasons.push_back(format("{} ({:+.2f})", one.words, one.adds));
    tell(std::move(found));
}

// Sizes and times of all that decides which version counts and whether it can be used.
std::string ModelJudge::state_of_files() const {
    std::string state;
    const auto add = [&](const Path& file) {
        std::error_code problem;
        const auto size = fs::file_size(file, problem);
        if (problem) return;
        state += format("{} {} {}\n", file.string(), size, fs::last_write_time(file, problem).time_since_epoch().count());
    };
    const Path own = folder_ / name_;
    add(own / "history.jsonl");
    std::error_code problem;
    for (fs::directory_iterator at(own, problem), end; !problem && at != end; at.increment(problem)) {
        for (const char* file : {"manifest.json", "manifest.sig", "model.ubj"}) add(at->path() / file);
    }
    return state;
}

Result<std::unique_ptr<Loaded>> ModelJudge::load_other() {
    std::error_code problem;
    if (!fs::exists(folder_ / name_ / "history.jsonl", problem)) return std::unique_ptr<Loaded>();   // nothing was approved yet
    TRY(const ModelStore store, ModelStore::open(folder_, clock_, random_));
    TRY(const auto lines, store.history(name_));
    if (lines.empty() || lines.back().version == loaded_) return std::unique_ptr<Loaded>();
    TRY(Model model, store.load(name_, lines.back().version));
    TRY_DO(model.booster.set_threads(1));   // small batches: waking others takes longer than scoring
    return std::make_unique<Loaded>(std::move(model), lines.back().version);
}

void ModelJudge::look_for_changes() {
    std::string state = state_of_files();
    if (state == state_) return;
    state_ = std::move(state);
    auto other = load_other();
    if (!other) {
        ++refused_;
        log_.error(loaded_ == 0 ? "a model is refused; nothing is judged by it" : "a model is refused; the former goes on", {{"model", name_}, {"reason", other.error().message}});
        return;
    }
    if (!*other) return;
    loaded_ = (*other)->number;
    log_.info("a model judges arriving events", {{"model", name_}, {"version", std::to_string(loaded_)}});
    const std::lock_guard lock(mutex_);
    next_ = std::move(*other);
    has_next_.store(true, std::memory_order_release);
}

}  // namespace

std::unique_ptr<security::Judge> make_model_judge(std::string name, const Path& models, const Clock& clock, Random& random, Log& log) {
    return std::make_unique<ModelJudge>(std::move(name), models, clock, random, log);
}

}  // namespace madang::learning
