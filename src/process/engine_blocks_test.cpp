#include "process/detail/engine_fixture.h"

namespace madang::process {
namespace {

class EngineBlocks : public EngineTest {};

INSTANTIATE_TEST_SUITE_P(Stores, EngineBlocks, testing::ValuesIn(store::scratch_kinds()), [](const auto& kind) { return kind.param; });

// Processes made at random of nested blocks, compared after every step with the blocks themselves, read in
// the obvious way.
struct Block {
    enum class Kind { task, sequence, exclusive, parallel, inclusive } kind = Kind::task;
    std::string id;
    std::vector<Block> parts;
    std::vector<bool> chosen;   // of exclusive and inclusive parts; the last is the default
};

class Blocks {
public:
    explicit Blocks(std::uint64_t seed) : random_(seed) {}

    Block make(int depth) {
        Block block;
        block.id = format("n{}", ++count_);
        block.kind = depth == 0 ? Block::Kind::task : static_cast<Block::Kind>(random_.below(5));
        if (block.kind == Block::Kind::task) return block;
        for (std::uint64_t parts = 2 + random_.below(2); parts > 0; --parts) block.parts.push_back(make(depth - 1));
        bool any = false;
        for (std::size_t i = 0; i + 1 < block.parts.size(); ++i) {
            const bool take = random_.below(2) == 1 && !(any && block.kind == Block::Kind::exclusive);
            block.chosen.push_back(take);
            any = any || take;
        }
        block.chosen.push_back(!any);
        return block;
    }
    // Writes the block; its first and last nodes are linked by the caller.
    std::pair<std::string, std::string> write(const Block& block) {
        if (block.kind == Block::Kind::task) {
            text += tasks(block.id);
            return {block.id, block.id};
        }
        std::pair<std::string, std::string> ends{block.id + "split", block.id + "join"};
        if (block.kind != Block::Kind::sequence) {
            const std::string kind = block.kind == Block::Kind::exclusive ? "exclusive" : block.kind == Block::Kind::parallel ? "parallel" : "inclusive";
            const std::string fallback = block.kind == Block::Kind::parallel ? "" : format(" default=\"{}f{}\"", block.id, block.parts.size() - 1);
            text += format("<{0}Gateway id=\"{1}\"{3}/><{0}Gateway id=\"{2}\"/>\n", kind, ends.first, ends.second, fallback);
        }
        for (std::size_t i = 0; i < block.parts.size(); ++i) {
            const auto part = write(block.parts[i]);
            if (block.kind == Block::Kind::sequence) {
                if (i == 0) ends.first = part.first;
                else text += flow(format("{}f{}", block.id, i), ends.second, part.first);
                ends.second = part.second;
                continue;
            }
            const std::string name = format("{}v{}", block.id, i);
            const bool asked = block.kind != Block::Kind::parallel && i + 1 < block.parts.size();
            if (asked) variables[name] = bool(block.chosen[i]);
            text += flow(format("{}f{}", block.id, i), ends.first, part.first, asked ? name : "");
            text += flow(format("{}g{}", block.id, i), part.second, ends.second);
        }
        return ends;
    }
    // The tasks that are open when those in `done` are; none where the block is complete.
    static std::vector<std::string> open(const Block& block, const std::vector<std::string>& done) {
        if (block.kind == Block::Kind::task) {
            return std::ranges::find(done, block.id) == done.end() ? std::vector{block.id} : std::vector<std::string>();
        }
        std::vector<std::string> all;
        for (std::size_t i = 0; i < block.parts.size(); ++i) {
            const bool runs = block.kind == Block::Kind::sequence || block.kind == Block::Kind::parallel || block.chosen[i];
            if (!runs) continue;
            const auto part = open(block.parts[i], done);
            all.insert(all.end(), part.begin(), part.end());
            if (block.kind == Block::Kind::sequence && !all.empty()) return all;
        }
        return all;
    }

    std::string text;
    json::object variables;

private:
    SeededRandom random_;
    int count_ = 0;
};

TEST_P(EngineBlocks, AgreeWithBlocksReadInTheObviousWay) {
    const std::uint64_t rounds = GetParam() == "sqlite" ? 40 : 10;
    std::size_t completed = 0;
    for (std::uint64_t seed = 1; seed <= rounds; ++seed) {
        Blocks blocks(seed);
        const Block block = blocks.make(4);
        const auto ends = blocks.write(block);
        const std::string body = kStart + kEnd + blocks.text + flow("first", "s", ends.first) + flow("last", ends.second, "e");
        std::string is = start(body, blocks.variables);
        SeededRandom random(seed);
        for (std::vector<std::string> done;;) {
            auto open = Blocks::open(block, done);
            std::ranges::sort(open);
            const bool over = open.empty();
            ASSERT_EQ(is, over ? "completed" : join(open, " ") + " running") << "seed " << seed << "\n" << body;
            if (over) break;
            done.push_back(open[random.below(open.size())]);
            is = complete(done.back());
            ++completed;
        }
    }
    EXPECT_GT(completed, rounds * 3);
}

}  // namespace
}  // namespace madang::process
