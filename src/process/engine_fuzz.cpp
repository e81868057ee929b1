// Any bytes as a BPMN file that is run: whatever waits is completed, fired, failed or skipped in an order taken from
// the file's size. Every command ends, and what is kept of an instance reads as it was.
#include <cstddef>
#include <cstdint>

#include "base/bytes.h"
#include "base/check.h"
#include "process/detail/run.h"

namespace {

using namespace madang;
using namespace madang::process;

// Keeps nothing: the instance lives in its own text here.
class NoStore final : public store::Tx {
public:
    Result<void> query(std::string_view, const store::Values&, const store::EachRow&) override { return {}; }
    Result<std::int64_t> execute(std::string_view, const store::Values&) override { return 1; }
    Result<void> execute_many(std::string_view, std::span<const store::Values>) override { return {}; }
    void after_commit(std::function<void()>) override {}
};

class AnyHost final : public Host {
public:
    explicit AnyHost(Random& dice) : dice_(dice) {}
    Result<Outcome> run_service(store::Tx&, std::string_view, const json::object&) override { return some(); }
    Result<Outcome> decide(std::string_view, const json::object&) override { return some(); }
    Result<Outcome> run_script(store::Tx&, std::string_view, std::string_view, const json::object&) override { return some(); }

private:
    Result<Outcome> some() {
        switch (dice_.below(8)) {
            case 0: return Outcome(BpmnError{"ERR-1", "thrown", {}});
            case 1: return Outcome::later();
            default: return Outcome(json::object{{"n", dice_.below(5)}});
        }
    }
    Random& dice_;
};

// One command on what waits, chosen by dice; nothing where nothing waits.
Result<void> some_command(Run& run, store::Tx& tx, Random& dice) {
    const State& state = run.state();
    if (!state.subscriptions.empty() && dice.below(2) == 0) {
        return run.fire(tx, state.subscriptions[dice.below(state.subscriptions.size())].number, {{"came", true}});
    }
    if (state.tokens.empty()) return {};
    const Token& token = state.tokens[dice.below(state.tokens.size())];
    const bool waits = token.at == Token::At::task || token.at == Token::At::call;
    if (!waits) return dice.below(8) == 0 ? run.skip(tx, token.number) : Result<void>();
    switch (dice.below(4)) {
        case 0: return run.fail_with(tx, token.number, {"ERR-1", "failed", {}});
        case 1: return run.escalate(tx, token.number, "ESC-1", {});
        default: return run.complete(tx, token.number, {{"done", true}});
    }
}

void run_process(const Definition& definition, std::uint64_t seed) {
    constexpr int kCommands = 30;
    ManualClock clock(Instant(std::chrono::seconds(1'800'000'000)));
    SeededRandom dice(seed);
    AnyHost host(dice);
    NoStore tx;
    InstanceRow row;
    row.id = make_id<InstanceId>(clock, dice);
    row.definition = definition.id;
    row.variables = {{"test", "ab"}, {"integerVariable", 1}, {"n", 1}};
    Run first(definition, row, host, clock, dice);
    if (!first.begin(tx, std::nullopt, {})) return;
    State state = first.state();
    for (int i = 0; i < kCommands; ++i) {
        const json::object kept = to_json(state, definition);
        const auto read = state_from_json(kept, definition);
        MADANG_CHECK(read.has_value());
        MADANG_CHECK(to_json(*read, definition) == kept);
        row.state_text = json::serialize(kept);
        Run next(definition, row, host, clock, dice);
        MADANG_CHECK(next.load(tx).has_value());
        clock.advance(std::chrono::seconds(1));
        if (!some_command(next, tx, dice)) continue;   // a command that fails leaves nothing
        if (!next.save(tx)) continue;
        state = next.state();
        if (state.tokens.empty()) return;
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto read = read_bpmn(as_text(ByteSpan(data, size)), "fuzz.bpmn", {.foreign_scripts = true});
    if (!read) return 0;
    for (const Definition& one : *read) run_process(one, size);
    return 0;
}
