#include "learning/booster.h"

#include <xgboost/c_api.h>

#include <cstdint>
#include <limits>

#include "base/text.h"

namespace madang::learning {
namespace {

constexpr std::size_t kMaxModelBytes = 512U << 20;

Result<void> done(int code, std::string_view what) {
    if (code == 0) return {};
    // The library's message carries a stack trace; its first line says it.
    std::string_view problem = XGBGetLastError();
    return fail(Code::invalid, format("{}: {}", what, problem.substr(0, std::min<std::size_t>(problem.find("\nStack trace"), 300))));
}

struct Data {
    DMatrixHandle handle = nullptr;
    Data() = default;
    ~Data() {
        if (handle != nullptr) XGDMatrixFree(handle);
    }
    Data(const Data&) = delete;
    Data& operator=(const Data&) = delete;

    Result<void> fill(const Matrix& data) {
        return done(XGDMatrixCreateFromMat(data.values.data(), data.rows(), data.width, std::numeric_limits<float>::quiet_NaN(), &handle), "the rows");
    }
    Result<void> set(const char* field, std::span<const float> values) {
        return done(XGDMatrixSetFloatInfo(handle, field, values.data(), values.size()), field);
    }
};

// The array interface protocol of NumPy, version 3, by which the library takes rows where they lie.
std::string interface_of(const Matrix& data) {
    return format(R"({{"data":[{},true],"shape":[{},{}],"typestr":"<f4","version":3}})", reinterpret_cast<std::uintptr_t>(data.values.data()), data.rows(), data.width);
}

}  // namespace

struct Booster::Handle {
    BoosterHandle booster = nullptr;
    std::size_t width = 0;
    ~Handle() {
        if (booster != nullptr) XGBoosterFree(booster);
    }
};

Booster::Booster(std::unique_ptr<Handle> handle) : handle_(std::move(handle)) {}
Booster::Booster(Booster&&) noexcept = default;
Booster& Booster::operator=(Booster&&) noexcept = default;
Booster::~Booster() = default;

Result<void> Booster::set_threads(int threads) {
    return done(XGBoosterSetParam(handle_->booster, "nthread", std::to_string(threads).c_str()), "nthread");
}

Result<Booster> Booster::train(const Matrix& data, std::span<const float> labels, std::span<const float> weights, const Candidate& settings,
                               std::uint64_t seed, int threads) {
    if (data.rows() == 0 || labels.size() != data.rows() || weights.size() != data.rows()) return fail(Code::invalid, "training needs rows, and a label and a weight for each");
    Data matrix;
    TRY_DO(matrix.fill(data));
    TRY_DO(matrix.set("label", labels));
    TRY_DO(matrix.set("weight", weights));
    auto handle = std::make_unique<Handle>();
    handle->width = data.width;
    TRY_DO(done(XGBoosterCreate(&matrix.handle, 1, &handle->booster), "the learner"));
    const std::pair<const char*, std::string> all[] = {{"objective", "binary:logistic"}, {"tree_method", "hist"}, {"verbosity", "0"},
                                                       {"nthread", std::to_string(threads)}, {"seed", std::to_string(seed)},
                                                       {"max_depth", std::to_string(settings.depth)}, {"eta", format("{}", settings.rate)},
                                                       {"subsample", format("{}", settings.rows)}, {"colsample_bytree", format("{}", settings.columns)},
                                                       {"num_parallel_tree", std::to_string(settings.trees_per_round)}};
    for (const auto& [name, value] : all) TRY_DO(done(XGBoosterSetParam(handle->booster, name, value.c_str()), name));
    for (int round = 0; round < settings.rounds; ++round) TRY_DO(done(XGBoosterUpdateOneIter(handle->booster, round, matrix.handle), "training"));
    return Booster(std::move(handle));
}

Result<Booster> Booster::load(ByteSpan bytes, std::size_t width) {
    if (bytes.size() > kMaxModelBytes) return fail(Code::exhausted, "the model is too large");
    auto handle = std::make_unique<Handle>();
    handle->width = width;
    TRY_DO(done(XGBoosterCreate(nullptr, 0, &handle->booster), "the learner"));
    if (XGBoosterLoadModelFromBuffer(handle->booster, bytes.data(), bytes.size()) != 0) return fail(Code::corrupted, "the model cannot be read");
    bst_ulong features = 0;
    if (XGBoosterGetNumFeature(handle->booster, &features) != 0 || features != width) {
        return fail(Code::corrupted, format("the model is for {} features and not {}", features, width));
    }
    return Booster(std::move(handle));
}

Result<Bytes> Booster::save() const {
    bst_ulong length = 0;
    const char* text = nullptr;
    TRY_DO(done(XGBoosterSaveModelToBuffer(handle_->booster, R"({"format":"ubj"})", &length, &text), "saving the model"));
    const auto* bytes = reinterpret_cast<const std::uint8_t*>(text);
    return Bytes(bytes, bytes + length);
}

Result<std::vector<float>> Booster::margins(const Matrix& data) const {
    if (data.rows() == 0) return std::vector<float>();
    if (data.width != handle_->width) return fail(Code::invalid, format("the model is for {} features and not {}", handle_->width, data.width));
    // type 1: the margin; in place, without a copy of the rows.
    constexpr const char* kConfig = R"({"type":1,"training":false,"iteration_begin":0,"iteration_end":0,"strict_shape":false,"cache_id":0,"missing":NaN})";
    const bst_ulong* shape = nullptr;
    bst_ulong dimensions = 0;
    const float* out = nullptr;
    TRY_DO(done(XGBoosterPredictFromDense(handle_->booster, interface_of(data).c_str(), kConfig, nullptr, &shape, &dimensions, &out), "scoring"));
    return std::vector<float>(out, out + data.rows());
}

Result<std::vector<float>> Booster::contributions(const Matrix& data, Adds how) const {
    if (data.rows() == 0) return std::vector<float>();
    if (data.width != handle_->width) return fail(Code::invalid, format("the model is for {} features and not {}", handle_->width, data.width));
    Data matrix;
    TRY_DO(matrix.fill(data));
    constexpr const char* kExact = R"({"type":2,"training":false,"iteration_begin":0,"iteration_end":0,"strict_shape":false})";
    constexpr const char* kQuick = R"({"type":3,"training":false,"iteration_begin":0,"iteration_end":0,"strict_shape":false})";
    const bst_ulong* shape = nullptr;
    bst_ulong dimensions = 0;
    const float* out = nullptr;
    TRY_DO(done(XGBoosterPredictFromDMatrix(handle_->booster, matrix.handle, how == Adds::exact ? kExact : kQuick, &shape, &dimensions, &out), "explaining"));
    return std::vector<float>(out, out + data.rows() * (data.width + 1));
}

}  // namespace madang::learning
