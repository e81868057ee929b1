#include "security/detail/regex_length.h"

#include <algorithm>
#include <charconv>
#include <optional>

namespace madang::security {
namespace {

constexpr std::size_t kMaxDepth = 100;
constexpr std::size_t kMost = 1U << 20;        // a bound is a bound: sums and products end here

class Reader {
public:
    explicit Reader(std::string_view expression) : rest_(expression) {}

    std::optional<std::size_t> whole() {
        const auto least = alternatives(0);
        return rest_.empty() ? least : std::nullopt;
    }

private:
    using Length = std::optional<std::size_t>;

    bool accept(std::string_view text) {
        if (!rest_.starts_with(text)) return false;
        rest_.remove_prefix(text.size());
        return true;
    }

    Length alternatives(std::size_t depth) {
        if (depth > kMaxDepth) return std::nullopt;
        Length least = sequence(depth);
        while (least && accept("|")) {
            const Length other = sequence(depth);
            least = other ? Length(std::min(*least, *other)) : std::nullopt;
        }
        return least;
    }

    Length sequence(std::size_t depth) {
        std::size_t sum = 0;
        while (!rest_.empty() && !rest_.starts_with('|') && !rest_.starts_with(')')) {
            const Length one = atom(depth);
            if (!one) return std::nullopt;
            sum = std::min(kMost, sum + std::min(kMost, *one * times()));
        }
        return sum;
    }

    Length atom(std::size_t depth) {
        if (accept("(")) return group(depth);
        if (accept("[")) return set();
        if (accept("\\")) return escape();
        if (accept("^") || accept("$")) return 0;
        rest_.remove_prefix(1);
        // The rest of a character of several bytes.
        while (!rest_.empty() && (static_cast<unsigned char>(rest_.front()) & 0xC0U) == 0x80U) rest_.remove_prefix(1);
        return 1;
    }

    // Behind "(": a group, "(?flags:…)", "(?P<name>…)", or flags alone.
    Length group(std::size_t depth) {
        if (accept("?")) {
            if (accept("P<") || accept("<")) {
                const std::size_t end = rest_.find('>');
                if (end == std::string_view::npos) return std::nullopt;
                rest_.remove_prefix(end + 1);
            } else {
                const std::size_t end = rest_.find_first_not_of("imsU-");
                if (end == std::string_view::npos) return std::nullopt;
                rest_.remove_prefix(end);
                // RE2 repeats what stands before flags alone.
                if (accept(")")) return rest_.find_first_of("*+?{") == 0 ? Length() : Length(0);
                if (!accept(":")) return std::nullopt;
            }
        }
        const Length least = alternatives(depth + 1);
        return accept(")") ? least : std::nullopt;
    }

    // Behind "[": one character of it.
    Length set() {
        static_cast<void>(accept("^"));
        static_cast<void>(accept("]"));
        while (!accept("]")) {
            if (rest_.empty() || rest_.starts_with("\\Q")) return std::nullopt;
            if (rest_.starts_with("[:")) {
                const std::size_t end = rest_.find(":]");
                if (end == std::string_view::npos) return std::nullopt;
                rest_.remove_prefix(end + 2);
            } else {
                rest_.remove_prefix(std::min<std::size_t>(rest_.starts_with('\\') ? 2 : 1, rest_.size()));
            }
        }
        return 1;
    }

    // Behind a backslash.
    Length escape() {
        if (rest_.empty()) return std::nullopt;
        const char c = rest_.front();
        rest_.remove_prefix(1);
        switch (c) {
            case 'A':
            case 'z':
            case 'b':
            case 'B': return 0;
            case 'x':
            case 'p':
            case 'P':
                if (accept("{")) {
                    const std::size_t end = rest_.find('}');
                    if (end == std::string_view::npos) return std::nullopt;
                    rest_.remove_prefix(end + 1);
                } else {
                    rest_.remove_prefix(std::min<std::size_t>(c == 'x' ? 2 : 1, rest_.size()));
                }
                return 1;
            case 'Q':
            case 'C': return std::nullopt;
            default: break;
        }
        if (c >= '0' && c <= '9') return std::nullopt;
        return 1;
    }

    // How often at least; reads all that says so: "*", "{3,}?".
    std::size_t times() {
        std::size_t least = 1;
        for (;;) {
            if (accept("*") || accept("?")) {
                least = 0;
            } else if (accept("+")) {
                // once at least, as without it
            } else if (const auto count = counted()) {
                least = std::min(kMost, least * *count);
            } else {
                return least;
            }
            static_cast<void>(accept("?"));
        }
    }

    // "{n}", "{n,}", "{n,m}"; another brace stands for itself.
    std::optional<std::size_t> counted() {
        if (!rest_.starts_with('{')) return std::nullopt;
        const std::size_t end = rest_.find('}');
        if (end == std::string_view::npos) return std::nullopt;
        const std::string_view inside = rest_.substr(1, end - 1);
        std::size_t least = 0;
        const auto [behind, problem] = std::from_chars(inside.data(), inside.data() + inside.size(), least);
        if (problem != std::errc()) return std::nullopt;
        std::string_view more(behind, static_cast<std::size_t>(inside.data() + inside.size() - behind));
        if (!more.empty() && (more.front() != ',' || more.substr(1).find_first_not_of("0123456789") != std::string_view::npos)) return std::nullopt;
        rest_.remove_prefix(end + 1);
        return least;
    }

    std::string_view rest_;
};

}  // namespace

std::size_t least_length(std::string_view expression) { return Reader(expression).whole().value_or(0); }

}  // namespace madang::security
