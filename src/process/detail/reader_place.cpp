// What all readers of BPMN elements say and refuse alike.
#include "base/text.h"
#include "process/detail/reader.h"
#include "process/detail/vocabulary.h"

namespace madang::process {
namespace {

constexpr std::size_t kMaxAttributes = 100;   // of one element: prefixes are resolved by looking through them
constexpr std::size_t kMaxIdBytes = 200;
constexpr std::size_t kMaxNameBytes = 2000;

}  // namespace

std::string_view shown(std::string_view text) { return text.substr(0, kMaxIdBytes); }

std::string_view without_prefix(std::string_view name) {
    const std::size_t colon = name.rfind(':');
    return colon == std::string_view::npos ? name : name.substr(colon + 1);
}

std::unexpected<Error> Place::refuse(xml::Node element, std::string_view why) const {
    std::string id(shown(xml::attribute(element, "id")));
    if (!id.empty()) id = format(" id=\"{}\"", id);
    return fail(Code::invalid, format("{}:{}: <{}{}>: {}", name_, line_of(element), shown(xml::local_name(element)), id, why));
}

std::unexpected<Error> Place::unsupported(xml::Node element, std::string_view what) const {
    return refuse(element, format("{} {} not supported", what, what.ends_with('s') ? "are" : "is"));
}

std::unexpected<Error> Place::too_many(xml::Node element, std::string_view what) const {
    return fail(Code::exhausted, format("{}:{}: more than {}", name_, line_of(element), what));
}

Result<void> Place::check_element(xml::Node element) const {
    std::size_t count = 0;
    for (xml::Attribute a = element.first_attribute(); a; a = a.next_attribute()) {
        if (++count > kMaxAttributes) return too_many(element, format("{} attributes", kMaxAttributes));
    }
    if (xml::attribute(element, "name").size() > kMaxNameBytes) {
        return fail(Code::exhausted, format("{}:{}: a name of more than {} bytes", name_, line_of(element), kMaxNameBytes));
    }
    return {};
}

Result<std::string> Place::id_of(xml::Node element) const {
    const std::string_view id = xml::attribute(element, "id");
    if (id.empty()) return refuse(element, "it has no id");
    if (id.size() > kMaxIdBytes) return fail(Code::exhausted, format("{}:{}: an id of more than {} bytes", name_, line_of(element), kMaxIdBytes));
    return std::string(id);
}

Result<bool> Place::truth(xml::Node element, std::string_view attribute, bool otherwise) const {
    const std::string_view value = xml::attribute(element, attribute);
    if (value.empty()) return otherwise;
    if (value == "true" || value == "1") return true;
    if (value == "false" || value == "0") return false;
    return refuse(element, format("{} is \"true\" or \"false\"", attribute));
}

Result<std::int64_t> Place::count(xml::Node element, std::string_view attribute, std::int64_t otherwise) const {
    constexpr std::int64_t kMost = 10'000;
    const std::string_view value = xml::attribute(element, attribute);
    if (value.empty()) return otherwise;
    const auto number = parse_decimal(value);
    if (!number || *number < 1 || *number > kMost) return refuse(element, format("{} is a whole number from 1 to {}", attribute, kMost));
    return static_cast<std::int64_t>(*number);
}

Result<feel::Expression> Place::expression(xml::Node element, std::string_view what) const {
    std::string_view language = xml::attribute(element, "language");
    if (language.empty()) language = xml::attribute(document_.root(), "expressionLanguage");
    if (!language.empty() && !is_feel(language)) {
        return refuse(element, format("an expression in {} is not supported; it is FEEL here", shown(language)));
    }
    auto read = feel::parse_expression(xml::text_of(element));
    if (!read) return refuse(element.parent(), format("{}: {}", what, read.error().message));
    return std::move(*read);
}

}  // namespace madang::process
