#include "security/detail/evtx_template.h"

#include <iterator>

#include "security/detail/evtx_bytes.h"
#include "security/detail/evtx_utf16.h"

namespace madang::security {
namespace {

constexpr std::size_t kMaxNameUnits = 1024;
constexpr std::size_t kDefinitionHeader = 24;  // the next of its bucket, a GUID, the size
constexpr std::uint8_t kStringType = 0x01;
constexpr std::uint8_t kMoreFlag = 0x40;       // MS-EVEN6 2.2.12: "more data follows", of no use to a reader

// MS-EVEN6 2.2.12, the tokens.
enum Token : std::uint8_t {
    kEndOfFile = 0x00, kOpenStart = 0x01, kCloseStart = 0x02, kCloseEmpty = 0x03, kEndElement = 0x04, kValueText = 0x05,
    kAttribute = 0x06, kCdata = 0x07, kCharReference = 0x08, kEntityReference = 0x09, kInstructionTarget = 0x0a,
    kInstructionData = 0x0b, kTemplateInstance = 0x0c, kSubstitution = 0x0d, kOptionalSubstitution = 0x0e, kFragmentHeader = 0x0f,
};

class Compiler {
public:
    Compiler(std::string_view chunk, std::size_t begin, std::size_t end, EvtxContext context, EvtxPaths& paths,
             EvtxBudget& budget, std::vector<EvtxStep>& steps)
        : chunk_(chunk), end_(end), context_(context), in_(chunk, begin, end), paths_(paths), budget_(budget), steps_(steps) {}

    EvtxTrouble run() {
        while (trouble_.reason == nullptr && !in_.at_end()) {
            const std::size_t at = in_.at();
            const std::uint8_t token = in_.u8();
            if (token == kEndOfFile) break;
            if (!budget_.spend(&EvtxBudget::steps, 1)) {
                refuse("the chunk asks for more work than a real one");
                break;
            }
            take(token & static_cast<std::uint8_t>(~kMoreFlag), (token & kMoreFlag) != 0);
            if (!in_.ok()) refuse("the BinXML ends early");
            if (trouble_.reason != nullptr) trouble_.offset = at;
        }
        if (trouble_.reason == nullptr && depth_ != 0) refuse("an element is not closed");
        return trouble_;
    }

private:
    enum class Where : std::uint8_t { content, start_tag, attribute, data_name };

    void refuse(const char* reason) {
        if (trouble_.reason == nullptr) trouble_ = {reason, in_.at()};
    }

    void take(std::uint8_t token, bool more) {
        switch (token) {
            case kOpenStart: return open(more);
            case kCloseStart: where_ = Where::content; return;
            case kCloseEmpty: where_ = Where::content; return close();
            case kEndElement: return close();
            case kValueText: return value_text();
            case kAttribute: return attribute();
            case kCdata: return text(in_.take(2 * std::size_t{in_.u16()}));
            case kCharReference: return text(in_.take(2));
            case kEntityReference: return entity();
            case kInstructionTarget: static_cast<void>(name()); return;
            case kInstructionData: static_cast<void>(in_.take(2 * std::size_t{in_.u16()})); return;
            case kTemplateInstance: return instance();
            case kSubstitution:
            case kOptionalSubstitution: return substitution();
            case kFragmentHeader: static_cast<void>(in_.take(3)); return;
            default: refuse("not a token of BinXML");
        }
    }

    // Whether a name can be meant by the number that stands at `at`: its place, and a name that ends in NUL there.
    bool names_something(std::size_t at) const {
        if (at + 4 > end_) return false;
        const std::size_t place = read_little<std::uint32_t>(chunk_, at);
        if (place + 8 > chunk_.size()) return false;
        const std::size_t units = read_little<std::uint16_t>(chunk_, place + 6);
        const std::size_t after = place + 8 + 2 * units;
        return units != 0 && units <= kMaxNameUnits && after + 2 <= chunk_.size() && read_little<std::uint16_t>(chunk_, after) == 0;
    }

    // Name: its place in the chunk, and the name itself where that place is here.
    std::uint32_t name() {
        const std::size_t at = in_.at();
        const std::size_t place = in_.u32();
        if (!in_.ok() || !names_something(at)) {
            refuse("no name stands where one is said to be");
            return 0;
        }
        const std::size_t size = 2 * std::size_t{read_little<std::uint16_t>(chunk_, place + 6)};
        if (place == in_.at()) static_cast<void>(in_.take(8 + size + 2));
        const std::uint32_t number = paths_.intern_utf16(chunk_.substr(place + 8, size));
        if (number == EvtxPaths::kNone) refuse("more names than a reader keeps");
        return number;
    }

    // OpenStartElement: an element of a template starts with the number of the value that it depends on, another
    // does not. Writers have erred both ways, so what makes no sense one way is tried the other way.
    void open(bool has_attributes) {
        const bool numbered = context_ == EvtxContext::in_template ? names_something(in_.at() + 6) || !names_something(in_.at() + 4)
                                                                   : !names_something(in_.at() + 4);
        if (numbered) static_cast<void>(in_.u16());
        static_cast<void>(in_.u32());  // the size of the element: the tokens say it again
        const std::uint32_t called = name();
        if (has_attributes) static_cast<void>(in_.u32());
        if (trouble_.reason != nullptr) return;
        if (++depth_ > kMaxEvtxDepth) return refuse("elements are nested too deep");
        add(EvtxStep::Kind::open).name = called;
        where_ = Where::start_tag;
    }

    void close() {
        if (depth_ == 0) return refuse("an element is closed that was not opened");
        --depth_;
        where_ = Where::content;
        add(EvtxStep::Kind::close);
    }

    void attribute() {
        const std::uint32_t called = name();
        if (trouble_.reason != nullptr) return;
        if (where_ == Where::content) return refuse("an attribute stands outside a start tag");
        const bool names_data = !steps_.empty() && steps_.back().kind == EvtxStep::Kind::open && paths_.name_text(called) == "Name" &&
                                paths_.name_text(steps_.back().name) == "Data";
        if (names_data && take_data_name()) {
            where_ = Where::data_name;
            return;
        }
        add(EvtxStep::Kind::attribute).name = called;
        where_ = Where::attribute;
    }

    // <Data Name="x"> becomes an element x, known now or with each record. False where the name is empty.
    bool take_data_name() {
        EvtxCursor ahead = in_;
        const std::uint8_t token = ahead.u8() & static_cast<std::uint8_t>(~kMoreFlag);
        if (token == kSubstitution || token == kOptionalSubstitution) {
            steps_.back().index = ahead.u16();
            static_cast<void>(ahead.u8());
            if (!ahead.ok()) return false;
            steps_.back().kind = EvtxStep::Kind::open_named_by;
        } else if (token == kValueText && ahead.u8() == kStringType) {
            const std::string_view spelled = without_closing_nul(ahead.take(2 * std::size_t{ahead.u16()}));
            if (spelled.empty() || spelled.size() > 2 * kMaxNameUnits) return false;
            const std::uint32_t number = paths_.intern_utf16(spelled);
            if (number == EvtxPaths::kNone) {
                refuse("more names than a reader keeps");
                return false;
            }
            steps_.back().name = number;
        } else {
            return false;
        }
        in_ = ahead;
        return true;
    }

    // ValueText: only strings stand in the text itself.
    void value_text() {
        if (in_.u8() != kStringType) return refuse("a text is of a type other than string");
        text(in_.take(2 * std::size_t{in_.u16()}));
    }

    void text(std::string_view utf16) {
        if (where_ == Where::data_name) return;
        if (where_ == Where::start_tag) return refuse("a text stands within a start tag");
        EvtxStep& step = add(EvtxStep::Kind::text);
        step.in_attribute = where_ == Where::attribute;
        step.text = utf16;
    }

    // XML 1.0 4.6: the five entities that need no declaration.
    void entity() {
        const std::uint32_t called = name();
        if (trouble_.reason != nullptr) return;
        constexpr std::string_view letters("&\0<\0>\0\"\0'\0", 10);
        constexpr std::string_view names[] = {"amp", "lt", "gt", "quot", "apos"};
        for (std::size_t i = 0; i < std::size(names); ++i) {
            if (paths_.name_text(called) == names[i]) return text(letters.substr(2 * i, 2));
        }
        refuse("an entity that XML does not know");
    }

    void substitution() {
        const std::uint16_t index = in_.u16();
        static_cast<void>(in_.u8());  // the type: the value itself has one, which is the right one
        if (where_ == Where::data_name) return;
        if (where_ == Where::start_tag) return refuse("a value stands within a start tag");
        EvtxStep& step = add(EvtxStep::Kind::value);
        step.in_attribute = where_ == Where::attribute;
        step.index = index;
    }

    void instance() {
        EvtxInstance found;
        const std::size_t at = in_.at();
        trouble_ = read_evtx_instance(chunk_, at, end_, found);
        if (trouble_.reason != nullptr) return;
        if (where_ != Where::content) return refuse("a template stands within a start tag");
        EvtxCursor values(chunk_, found.values, end_);
        const std::size_t count = values.u32();
        if (count > values.left() / 4) return refuse("more values than the record has room for");
        std::size_t size = 0;
        for (std::size_t i = 0; i < count; ++i) {
            size += values.u16();
            static_cast<void>(values.u16());
        }
        static_cast<void>(values.take(size));
        in_ = values;
        add(EvtxStep::Kind::instance).offset = static_cast<std::uint32_t>(at);
    }

    EvtxStep& add(EvtxStep::Kind kind) {
        steps_.emplace_back();
        steps_.back().kind = kind;
        return steps_.back();
    }

    std::string_view chunk_;
    std::size_t end_;
    EvtxContext context_;
    EvtxCursor in_;
    EvtxPaths& paths_;
    EvtxBudget& budget_;
    std::vector<EvtxStep>& steps_;
    EvtxTrouble trouble_;
    Where where_ = Where::content;
    std::size_t depth_ = 0;
};

}  // namespace

EvtxTrouble compile_evtx(std::string_view chunk, std::size_t begin, std::size_t end, EvtxContext context, EvtxPaths& paths,
                         EvtxBudget& budget, std::vector<EvtxStep>& steps) {
    return Compiler(chunk, begin, end, context, paths, budget, steps).run();
}

// TemplateInstanceData: a byte, the template's number, the place of its definition, which may be here.
EvtxTrouble read_evtx_instance(std::string_view chunk, std::size_t offset, std::size_t end, EvtxInstance& instance) {
    EvtxCursor in(chunk, offset, end);
    static_cast<void>(in.u8());
    static_cast<void>(in.u32());
    instance.definition = in.u32();
    if (!in.ok()) return {"a template instance is cut off", offset};
    if (instance.definition + kDefinitionHeader > chunk.size()) return {"a template lies outside its chunk", offset};
    if (instance.definition == in.at()) {
        static_cast<void>(in.take(kDefinitionHeader + std::size_t{read_little<std::uint32_t>(chunk, instance.definition + kDefinitionHeader - 4)}));
        if (!in.ok()) return {"a template is cut off", offset};
    }
    instance.values = in.at();
    return {};
}

}  // namespace madang::security
