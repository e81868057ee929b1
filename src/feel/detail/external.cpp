#include "feel/detail/external.h"

#include <array>
#include <cmath>
#include <limits>

#include "base/text.h"
#include "feel/detail/evaluation.h"

namespace madang::feel {
namespace {

constexpr std::size_t kMaxFormatted = 10'000;   // characters
constexpr int kMaxPlaces = 30;                  // behind the point

// A double as Java's BigDecimal.valueOf has it: the shortest digits that read back as the same.
Value of_double(double value) {
    if (!std::isfinite(value)) return Value::null("the result is no finite number");
    const auto number = Number::parse(madang::format("{}", value));
    return number ? Value(*number) : Value::null("the result is beyond FEEL's numbers");
}

using Real = double (*)(double);
struct RealMethod {
    std::string_view name;
    Real call;
};
constexpr std::array<RealMethod, 14> kReal{{{"sqrt", std::sqrt}, {"cbrt", std::cbrt}, {"sin", std::sin}, {"cos", std::cos}, {"tan", std::tan},
                                            {"asin", std::asin}, {"acos", std::acos}, {"atan", std::atan}, {"exp", std::exp}, {"log", std::log},
                                            {"log10", std::log10}, {"floor", std::floor}, {"ceil", std::ceil}, {"rint", std::nearbyint}}};

struct Whole {
    std::string_view type;
    std::int64_t least, most;
};
constexpr std::array<Whole, 4> kWhole{{{"byte", -128, 127}, {"short", -32768, 32767},
                                       {"int", std::numeric_limits<std::int32_t>::min(), std::numeric_limits<std::int32_t>::max()},
                                       {"long", std::numeric_limits<std::int64_t>::min(), std::numeric_limits<std::int64_t>::max()}}};

// Whether a value can be given as this type of Java; the reason where it cannot.
std::string mismatch(const Value& value, std::string_view type) {
    const auto wanted = [&] { return madang::format("{} where Java's {} is asked for", type_name(value), type); };
    if (type == "[Ljava.lang.Object;" || type == "java.lang.Object") return {};
    if (type == "java.lang.String") return value.as<std::string>() != nullptr ? std::string() : wanted();
    if (type == "boolean") return value.as<bool>() != nullptr ? std::string() : wanted();
    if (type == "char") {
        const auto* text = value.as<std::string>();
        return text != nullptr && count_code_points(*text) == 1 ? std::string() : "a char is a text of one character";
    }
    const auto* number = value.as<Number>();
    if (number == nullptr) return wanted();
    if (type == "double" || type == "float") return {};
    for (const Whole& whole : kWhole) {
        if (whole.type != type) continue;
        const auto integer = number->integer();
        return integer && *integer >= whole.least && *integer <= whole.most ? std::string() : madang::format("{} is no {}", number->text(), type);
    }
    return madang::format("the type \"{}\" of Java is not known here", type);
}

const Number& number_of(const Value& value) { return *value.as<Number>(); }

// String.format with %s, %d, %f, %.2f, %% and %n.
Value formatted(const List& arguments) {
    const std::string& pattern = *arguments[0].as<std::string>();
    const List values = arguments.size() == 2 && arguments[1].list() != nullptr ? *arguments[1].list() : List(arguments.begin() + 1, arguments.end());
    std::string out;
    std::size_t next = 0;
    for (std::size_t i = 0; i < pattern.size(); ++i) {
        if (out.size() > kMaxFormatted) return Value::null("the formatted text is too long");
        if (pattern[i] != '%') {
            out += pattern[i];
            continue;
        }
        int places = -1;
        if (++i < pattern.size() && pattern[i] == '.') {
            for (places = 0, ++i; i < pattern.size() && pattern[i] >= '0' && pattern[i] <= '9' && places <= kMaxPlaces; ++i) places = places * 10 + (pattern[i] - '0');
        }
        const char kind = i < pattern.size() ? pattern[i] : '\0';
        if (kind == '%' || kind == 'n') {
            out += kind == '%' ? '%' : '\n';
            continue;
        }
        if (next >= values.size()) return Value::null("the format asks for more values than there are");
        const Value& value = values[next++];
        if (kind == 's' && places < 0) {
            out += text_of(value);
        } else if (kind == 'd' && value.as<Number>() != nullptr && number_of(value).is_integer()) {
            out += number_of(value).text();
        } else if (kind == 'f' && value.as<Number>() != nullptr && places <= kMaxPlaces) {
            const int digits = places < 0 ? 6 : places;
            const auto rounded = round(number_of(value), digits, Rounding::half_up);
            std::string text = rounded ? rounded->text() : "";
            const std::size_t point = text.find('.');
            const std::size_t there = point == std::string::npos ? 0 : text.size() - point - 1;
            if (point == std::string::npos && digits > 0) text += '.';
            out += text + std::string(static_cast<std::size_t>(digits) - there, '0');
        } else {
            return Value::null(madang::format("the format \"{}\" does not fit its value, or is not known here", pattern));
        }
    }
    return Value(std::move(out));
}

// What java.lang.Math says of numbers that fit their types.
std::optional<Value> math(std::string_view name, const List& a, const std::vector<std::string_view>& types) {
    const bool real = types[0] == "double" || types[0] == "float";
    if (types.size() == 2 && types[0] == types[1]) {
        if (name == "max") return Value(number_of(a[0]) < number_of(a[1]) ? number_of(a[1]) : number_of(a[0]));
        if (name == "min") return Value(number_of(a[1]) < number_of(a[0]) ? number_of(a[1]) : number_of(a[0]));
        if (name == "pow" && types[0] == "double") return of_double(std::pow(number_of(a[0]).real(), number_of(a[1]).real()));
        return std::nullopt;
    }
    if (types.size() != 1) return std::nullopt;
    if (name == "abs") return Value(number_of(a[0]).absolute());
    if (name == "round" && real) return of_double(std::floor(number_of(a[0]).real() + 0.5));
    for (const RealMethod& method : kReal) {
        if (method.name == name && types[0] == "double") return of_double(method.call(number_of(a[0]).real()));
    }
    return std::nullopt;
}

// valueOf and parse… of the classes of numbers.
std::optional<Value> number_class(std::string_view class_name, std::string_view name, const List& a, const std::vector<std::string_view>& types) {
    struct Named {
        std::string_view class_name, type, parse;
    };
    static constexpr std::array<Named, 6> kClasses{{{"Byte", "byte", "parseByte"}, {"Short", "short", "parseShort"}, {"Integer", "int", "parseInt"},
                                                    {"Long", "long", "parseLong"}, {"Float", "float", "parseFloat"}, {"Double", "double", "parseDouble"}}};
    for (const Named& one : kClasses) {
        if (class_name != one.class_name || types.size() != 1) continue;
        if (name == "valueOf" && types[0] == one.type) return a[0];
        if ((name != "valueOf" && name != one.parse) || types[0] != "java.lang.String") return std::nullopt;
        const auto number = Number::parse(*a[0].as<std::string>());
        if (!number) return Value::null(madang::format("\"{}\" is no number", *a[0].as<std::string>()));
        const std::string trouble = mismatch(Value(*number), one.type);
        return trouble.empty() ? Value(*number) : Value::null(trouble);
    }
    return std::nullopt;
}

std::optional<Value> call_of(std::string_view class_name, std::string_view name, const List& a, const std::vector<std::string_view>& types) {
    constexpr std::string_view kPackage = "java.lang.";
    if (!class_name.starts_with(kPackage) || types.empty()) return std::nullopt;
    class_name.remove_prefix(kPackage.size());
    const bool numbers = std::ranges::all_of(a, [](const Value& value) { return value.as<Number>() != nullptr; });
    if (class_name == "Math") return numbers ? math(name, a, types) : std::nullopt;
    if (class_name != "String") return number_class(class_name, name, a, types);
    if (name == "valueOf" && types.size() == 1 && types[0] != "java.lang.String") return Value(text_of(a[0]));
    if (name == "format" && types.size() == 2 && types[0] == "java.lang.String" && types[1] == "[Ljava.lang.Object;") return formatted(a);
    return std::nullopt;
}

std::string without_blanks(std::string_view text) {
    std::string made(text);
    std::erase(made, ' ');
    return made;
}

Value external_value(const std::string& class_name, const std::string& signature, const List& arguments) {
    const std::size_t open = signature.find('(');
    const auto unknown = [&] { return Value::null(madang::format("the method {}.{} of Java is not among those that are known here", class_name, signature)); };
    if (open == std::string::npos || !signature.ends_with(')')) return unknown();
    const std::string_view inside = std::string_view(signature).substr(open + 1, signature.size() - open - 2);
    const std::vector<std::string_view> types = inside.empty() ? std::vector<std::string_view>() : split(inside, ',');
    const bool takes_many = !types.empty() && types.back() == "[Ljava.lang.Object;";
    if (takes_many ? arguments.size() + 1 < types.size() : arguments.size() != types.size()) return unknown();
    for (std::size_t i = 0; i < types.size() && i < arguments.size(); ++i) {
        if (const std::string trouble = mismatch(arguments[i], types[i]); !trouble.empty()) return Value::null(trouble);
    }
    auto value = call_of(class_name, std::string_view(signature).substr(0, open), arguments, types);
    return value ? std::move(*value) : unknown();
}

}  // namespace

std::shared_ptr<const Node> external_call(std::string_view class_name, std::string_view signature, const std::vector<std::string>& parameters) {
    auto function = std::make_shared<Function>();
    function->name = madang::format("{}.{}", class_name, signature);
    function->parameters = parameters;
    function->call = [name = std::string(class_name), method = without_blanks(signature)](const List& arguments, Evaluation&) {
        return external_value(name, method, arguments);
    };
    auto callee = std::make_shared<Node>();
    callee->value = Value(Value::Held(std::shared_ptr<const Function>(std::move(function))));
    auto call = std::make_shared<Node>();
    call->kind = NodeKind::call;
    call->children.push_back(std::move(callee));
    for (const std::string& parameter : parameters) {
        auto name = std::make_shared<Node>();
        name->kind = NodeKind::name;
        name->text = parameter;
        call->children.push_back(std::move(name));
    }
    return call;
}

}  // namespace madang::feel
