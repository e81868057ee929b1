#include "security/source_origins.h"

#include <algorithm>

#include "base/text.h"

namespace madang::security {
namespace {

constexpr std::size_t kMaxWord = 64;
constexpr std::string_view kProgram = "app:";

bool is_word(std::string_view text) {
    return text.size() <= kMaxWord && std::ranges::all_of(text, [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '-' || c == '.'; });
}

}  // namespace

Result<LogOrigin> parse_origin(std::string_view text) {
    const auto parts = split(text, '/');
    const bool good = parts.size() == 3 && std::ranges::all_of(parts, is_word);
    if (!good || text == "//") return fail(Code::invalid, format("a log source is category/product/service in small letters, as webserver//nginx, not \"{}\"", text.substr(0, 100)));
    return LogOrigin{std::string(parts[0]), std::string(parts[1]), std::string(parts[2])};
}

std::string source_with(std::string_view name, const LogOrigin& origin) {
    if (origin.is_unknown()) return std::string(name);
    return format("{} [{}/{}/{}]", name, origin.category, origin.product, origin.service);
}

Result<SourceOrigins> SourceOrigins::parse(std::string_view text) {
    SourceOrigins all;
    for (const std::string_view part : split(text, ',')) {
        const std::string_view one = trim(part);
        if (one.empty()) continue;
        const std::size_t equals = one.rfind('=');
        if (equals == std::string_view::npos || equals == 0) return fail(Code::invalid, format("\"{}\" is not SOURCE=category/product/service", one.substr(0, 100)));
        TRY(LogOrigin origin, parse_origin(trim(one.substr(equals + 1))));
        const std::string_view name = trim(one.substr(0, equals));
        if (name.starts_with(kProgram)) all.programs_[std::string(name.substr(kProgram.size()))] = std::move(origin);
        else all.sources_[std::string(name)] = std::move(origin);
        if (all.sources_.size() + all.programs_.size() > kMaxSourceOrigins) return fail(Code::exhausted, format("more than {} sources", kMaxSourceOrigins));
    }
    return all;
}

LogOrigin SourceOrigins::of(std::string_view source, const Event& event) const {
    const std::size_t bracket = source.ends_with(']') ? source.rfind(" [") : std::string_view::npos;
    if (bracket != std::string_view::npos) {
        if (const auto stated = parse_origin(source.substr(bracket + 2, source.size() - bracket - 3))) return *stated;
    }
    if (const auto found = sources_.find(source); found != sources_.end()) return found->second;
    if (programs_.empty()) return {};
    const auto program = event.find("app_name");
    const auto found = program ? programs_.find(program->value) : programs_.end();
    return found == programs_.end() ? LogOrigin{} : found->second;
}

}  // namespace madang::security
