// Rows scored a second by a trained model, in batches, on one thread and on all.
//
//   learning_bench FILE            labelled records of network flows
#include <chrono>
#include <cstdio>
#include <thread>

#include "base/text.h"
#include "learning/training.h"
#include "must.h"

namespace madang::bench {
namespace {

using namespace learning;
using Steady = std::chrono::steady_clock;

int run(const Path& file) {
    const Protocol plan = must(shipped_protocol("network-flows"));
    for (const Candidate& candidate : plan.candidates) {
        TableReader reader(plan);
        must(reader.read(file));
        auto made = must(reader.finish());
        const std::vector<float> values = made.table.values;
        const std::size_t width = made.table.width;
        Protocol one = plan;
        one.candidates = {candidate};
        one.folds = 2;
        auto trained = must(train(one, std::move(made), 2));
        for (const int threads : {1, 2}) {
            must(trained.model.booster.set_threads(threads));
            for (const std::size_t batch : {std::size_t{32}, std::size_t{1000}, std::size_t{4096}}) {
                std::size_t rows = 0;
                const auto begin = Steady::now();
                double seconds = 0;
                while (seconds < 1) {
                    for (std::size_t from = 0; (from + batch) * width <= values.size(); from += batch) {
                        must(score(trained.model, {std::span(values).subspan(from * width, batch * width), width}));
                        rows += batch;
                    }
                    seconds = std::chrono::duration<double>(Steady::now() - begin).count();
                }
                std::printf("%-36s %4d trees, %d threads, batches of %4zu: %8.0f rows/s\n", candidate.name.c_str(), candidate.rounds * candidate.trees_per_round, threads, batch, static_cast<double>(rows) / seconds);
            }
        }
    }
    return 0;
}

}  // namespace
}  // namespace madang::bench

int main(int count, char** arguments) {
    if (count < 2) return std::fprintf(stderr, "learning_bench FILE\n"), 2;
    return madang::bench::run(arguments[1]);
}
