#include "security/detail/evtx_binxml.h"

#include <string>

#include "security/detail/evtx_bytes.h"
#include "security/detail/evtx_utf16.h"

namespace madang::security {
namespace {

constexpr std::size_t kDefinitionHeader = 24;
constexpr std::size_t kMaxItems = 1U << 16;  // of one record, which has at most as many bytes
constexpr std::size_t kMaxDataName = 2048;
constexpr std::uint8_t kArrayFlag = 0x80;
constexpr std::uint8_t kFragmentHeader = 0x0f;
constexpr std::uint8_t kTemplateInstance = 0x0c;
constexpr std::uint8_t kMoreFlag = 0x40;

}  // namespace

void EvtxBinXml::enter_chunk(std::string_view chunk) {
    chunk_ = chunk;
    budget_ = {};
    kept_.clear();
    templates_.clear();
}

EvtxTrouble EvtxBinXml::read(std::size_t begin, std::size_t end, EvtxPaths& paths) {
    paths_ = &paths;
    items_.clear();
    values_.clear();
    open_[0] = EvtxPaths::kRoot;
    depth_ = 0;
    return read_fragment(begin, end, 0);
}

// Fragment: nearly always one header and one template instance, which need no steps of their own.
EvtxTrouble EvtxBinXml::read_fragment(std::size_t begin, std::size_t end, std::size_t nesting) {
    if (nesting > kMaxEvtxDepth) return {"templates are nested too deep", begin};
    EvtxCursor in(chunk_, begin, end);
    while (in.peek() == kFragmentHeader) static_cast<void>(in.take(4));
    std::size_t at = in.at();
    while (in.left() != 0 && (static_cast<std::uint8_t>(chunk_[at]) & ~kMoreFlag) == kTemplateInstance) {
        ++at;
        if (const EvtxTrouble trouble = read_instance(at, end, nesting); trouble.reason != nullptr) return trouble;
        in = EvtxCursor(chunk_, at, end);
    }
    if (in.left() == 0 || in.peek() == 0) return {};
    std::vector<EvtxStep> steps;
    const EvtxTrouble trouble = compile_evtx(chunk_, at, end, EvtxContext::outside, *paths_, budget_, steps);
    if (trouble.reason != nullptr) return trouble;
    return follow(steps, {0, steps.size()}, {values_.size(), 0}, nesting);
}

// `at` stands behind the token, and then behind the values.
EvtxTrouble EvtxBinXml::read_instance(std::size_t& at, std::size_t end, std::size_t nesting) {
    EvtxInstance instance;
    if (const EvtxTrouble trouble = read_evtx_instance(chunk_, at, end, instance); trouble.reason != nullptr) return trouble;
    Steps steps;
    if (const EvtxTrouble trouble = find_steps(instance.definition, steps); trouble.reason != nullptr) return trouble;
    at = instance.values;
    const std::size_t first = values_.size();
    if (const EvtxTrouble trouble = read_values(at, end); trouble.reason != nullptr) return trouble;
    const EvtxTrouble trouble = follow(kept_, steps, {first, values_.size() - first}, nesting);
    values_.resize(first);
    return trouble;
}

// TemplateInstanceData, the values: their number, a size and a type for each, then their bytes.
EvtxTrouble EvtxBinXml::read_values(std::size_t& at, std::size_t end) {
    EvtxCursor types(chunk_, at, end);
    const std::size_t count = types.u32();
    if (!types.ok() || count > types.left() / 4) return {"more values than the record has room for", at};
    if (!budget_.spend(&EvtxBudget::steps, count)) return {"the chunk asks for more work than a real one", at};
    EvtxCursor bytes(chunk_, types.at() + 4 * count, end);
    for (std::size_t i = 0; i < count; ++i) {
        const std::size_t size = types.u16();
        const std::uint8_t type = types.u8();
        static_cast<void>(types.u8());
        const auto plain = static_cast<EvtxType>(type & static_cast<std::uint8_t>(~kArrayFlag));
        values_.push_back({plain, (type & kArrayFlag) != 0, bytes.take(size)});
    }
    if (!bytes.ok()) return {"a value is cut off", at};
    at = bytes.at();
    return {};
}

EvtxTrouble EvtxBinXml::find_steps(std::size_t definition, Steps& found) {
    if (const auto known = templates_.find(definition); known != templates_.end()) {
        found = known->second;
        return {};
    }
    const std::size_t begin = definition + kDefinitionHeader;
    const std::size_t size = read_little<std::uint32_t>(chunk_, begin - 4);
    if (size > chunk_.size() - begin) return {"a template runs out of its chunk", definition};
    found.begin = kept_.size();
    const EvtxTrouble trouble = compile_evtx(chunk_, begin, begin + size, EvtxContext::in_template, *paths_, budget_, kept_);
    if (trouble.reason != nullptr || !budget_.spend(&EvtxBudget::kept_steps, kept_.size() - found.begin)) {
        kept_.resize(found.begin);
        return trouble.reason != nullptr ? trouble : EvtxTrouble{"the templates of the chunk are larger than a real one's", definition};
    }
    found.end = kept_.size();
    templates_.emplace(definition, found);
    return {};
}

// Steps are found by number throughout: a template within may add to them.
EvtxTrouble EvtxBinXml::follow(std::vector<EvtxStep>& steps, Steps range, Values values, std::size_t nesting) {
    if (!budget_.spend(&EvtxBudget::steps, range.end - range.begin)) return {"the chunk asks for more work than a real one", range.begin};
    for (std::size_t i = range.begin; i < range.end; ++i) {
        EvtxStep& step = steps[i];
        EvtxTrouble trouble;
        switch (step.kind) {
            case EvtxStep::Kind::open:
            case EvtxStep::Kind::open_named_by: trouble = open(step, values); break;
            case EvtxStep::Kind::close: --depth_; break;
            case EvtxStep::Kind::attribute: trouble = enter(step, step.name, EvtxPlace::attribute, attribute_); break;
            case EvtxStep::Kind::text:
                trouble = put(step.in_attribute ? EvtxPart::attribute : EvtxPart::text, step.in_attribute ? attribute_ : open_[depth_],
                              {EvtxType::string, false, step.text});
                break;
            case EvtxStep::Kind::value: trouble = put_value(step, values, nesting); break;
            case EvtxStep::Kind::instance: {
                std::size_t at = step.offset;
                if (nesting >= kMaxEvtxDepth) return {"templates are nested too deep", at};
                trouble = read_instance(at, chunk_.size(), nesting + 1);
                break;
            }
        }
        if (trouble.reason != nullptr) return trouble;
    }
    return {};
}

EvtxTrouble EvtxBinXml::open(EvtxStep& step, Values values) {
    std::uint32_t name = step.name;
    if (step.kind == EvtxStep::Kind::open_named_by && step.index < values.count) {
        const EvtxValue& called = values_[values.begin + step.index];
        const std::string_view spelled = called.type == EvtxType::string ? without_closing_nul(called.bytes) : std::string_view();
        if (!spelled.empty() && spelled.size() <= kMaxDataName) name = paths_->intern_utf16(spelled);
        if (name == EvtxPaths::kNone) return {"more names than a reader keeps", step.offset};
    }
    if (step.kind == EvtxStep::Kind::open_named_by) step.last_parent = EvtxPaths::kNone;
    if (depth_ == kMaxEvtxDepth) return {"elements are nested too deep", step.offset};
    std::uint32_t path = EvtxPaths::kRoot;
    if (const EvtxTrouble trouble = enter(step, name, EvtxPlace::element, path); trouble.reason != nullptr) return trouble;
    open_[++depth_] = path;
    return put(EvtxPart::element, path, {});
}

EvtxTrouble EvtxBinXml::enter(EvtxStep& step, std::uint32_t name, EvtxPlace place, std::uint32_t& path) {
    const std::uint32_t parent = open_[depth_];
    if (step.last_parent != parent) {
        step.last_path = paths_->child(parent, name, place);
        step.last_parent = parent;
        if (step.last_path == EvtxPaths::kNone) {
            step.last_parent = EvtxPaths::kNone;
            return {"more places than a reader keeps", step.offset};
        }
    }
    path = step.last_path;
    return {};
}

EvtxTrouble EvtxBinXml::put(EvtxPart part, std::uint32_t path, const EvtxValue& value) {
    if (items_.size() == kMaxItems || !budget_.spend(&EvtxBudget::value_bytes, value.bytes.size())) {
        return {"the record unpacks to more than a real one", 0};
    }
    items_.push_back({path, part, value});
    return {};
}

// A value that is not there says the same as one that is null: nothing.
EvtxTrouble EvtxBinXml::put_value(const EvtxStep& step, Values values, std::size_t nesting) {
    if (step.index >= values.count) return {};
    const EvtxValue value = values_[values.begin + step.index];
    if (value.is_null()) return {};
    if (value.type == EvtxType::binxml && !value.array && !step.in_attribute) {
        const auto begin = static_cast<std::size_t>(value.bytes.data() - chunk_.data());
        return read_fragment(begin, begin + value.bytes.size(), nesting + 1);
    }
    return put(step.in_attribute ? EvtxPart::attribute : EvtxPart::text, step.in_attribute ? attribute_ : open_[depth_], value);
}

}  // namespace madang::security
