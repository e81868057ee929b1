#include "security/detail/sigma_regex.h"

#include "base/text.h"

namespace madang::security {
namespace {

// What a backtracking engine offers and the flavour leaves out, called by its name at the place where it stands.
std::string_view unsupported_at(std::string_view rest) {
    if (rest.starts_with("(?=") || rest.starts_with("(?!")) return "look-ahead";
    if (rest.starts_with("(?<=") || rest.starts_with("(?<!")) return "look-behind";
    if (rest.starts_with("(?>")) return "an atomic group";
    if (rest.starts_with("(?(")) return "a condition";
    if (rest.starts_with("(?R") || rest.starts_with("(?&") || rest.starts_with("(?P>")) return "recursion";
    if (rest.starts_with("(?P=")) return "a back-reference";
    return {};
}

std::string_view unsupported_in(std::string_view source) {
    bool in_set = false;
    for (std::size_t at = 0; at < source.size(); ++at) {
        const char c = source[at];
        if (c == '\\') {
            ++at;
            const char next = at < source.size() ? source[at] : '\0';
            if (!in_set && ((next >= '1' && next <= '9') || next == 'k' || next == 'g')) return "a back-reference";
        } else if (in_set) {
            in_set = c != ']';
        } else if (c == '[') {
            in_set = true;
            if (source.substr(at + 1).starts_with('^')) ++at;
            if (source.substr(at + 1).starts_with(']')) ++at;
        } else if (const auto name = unsupported_at(source.substr(at)); !name.empty()) {
            return name;
        }
    }
    return {};
}

}  // namespace

std::string regex_text(const RegexMatch& match) {
    std::string flags;
    if (match.ignore_case) flags += 'i';
    if (match.multi_line) flags += 'm';
    if (match.dot_all) flags += 's';
    return flags.empty() ? match.source : "(?" + flags + ")" + match.source;
}

re2::RE2::Options regex_options() {
    re2::RE2::Options options;
    options.set_log_errors(false);
    options.set_max_mem(kMaxRegexMemory);
    return options;
}

Result<std::unique_ptr<re2::RE2>> compile_regex(const RegexMatch& match) {
    if (match.source.size() > kMaxRegexBytes) {
        return fail(Code::invalid, format("an expression has at most {} bytes", kMaxRegexBytes));
    }
    if (const auto name = unsupported_in(match.source); !name.empty()) {
        return fail(Code::invalid, format("{} in \"{}\" is outside the flavour of Sigma", name, match.source));
    }
    auto compiled = std::make_unique<re2::RE2>(regex_text(match), regex_options());
    if (!compiled->ok()) return fail(Code::invalid, format("\"{}\" is no expression: {}", match.source, compiled->error()));
    return compiled;
}

}  // namespace madang::security
