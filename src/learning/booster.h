// Gradient-boosted trees (XGBoost, C API) behind one small class.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "learning/protocol.h"

namespace madang::learning {

// Rows of `width` numbers, row by row; NaN is a missing value.
struct Matrix {
    std::span<const float> values;
    std::size_t width = 0;
    std::size_t rows() const { return width == 0 ? 0 : values.size() / width; }
};

class Booster {
public:
    Booster(Booster&&) noexcept;
    Booster& operator=(Booster&&) noexcept;
    ~Booster();

    // `labels` are 0 or 1, `weights` at least 0. The same data, seed and settings give the same trees.
    static Result<Booster> train(const Matrix& data, std::span<const float> labels, std::span<const float> weights, const Candidate& settings,
                                 std::uint64_t seed, int threads);
    // Universal binary JSON, as save() made it. Code::corrupted for anything else, or for another width.
    static Result<Booster> load(ByteSpan bytes, std::size_t width);
    Result<Bytes> save() const;

    // The sum of the leaves for each row (log odds). Safe to call from several threads.
    Result<std::vector<float>> margins(const Matrix& data) const;
    // For each row, what each feature adds to the margin, and last what all rows begin with (rows x (width + 1)). Exact: the Shapley
    // values of the trees (Lundberg and others, 2018), about a millisecond a row for some hundred trees. Quick: what changed the
    // expectation along each path (Saabas 2014); the sum is the same.
    enum class Adds { exact, quick };
    Result<std::vector<float>> contributions(const Matrix& data, Adds how = Adds::exact) const;
    Result<void> set_threads(int threads);

private:
    struct Handle;
    explicit Booster(std::unique_ptr<Handle> handle);
    std::unique_ptr<Handle> handle_;
};

}  // namespace madang::learning
