// Settings of the program, each from the first place that names it: a flag, the environment variable
// MADANG_<NAME> (or the file that MADANG_<NAME>_FILE points at), the TOML file, the default.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace madang::cli {

enum class SettingKind { text, path, whole_number, secret };

struct SettingSpec {
    std::string_view name;           // "listen"; also the TOML key and, in capitals, the variable
    SettingKind kind;
    std::string_view fallback;
    std::string_view help;
};

// Every setting there is, in the order of `madang config show`.
const std::vector<SettingSpec>& setting_specs();

struct SettingValue {
    std::string value;
    std::string origin;              // "default", "/etc/madang.toml:3", "MADANG_LISTEN", "--listen"
};

class Settings {
public:
    using Environment = std::function<std::optional<std::string>(const std::string&)>;

    // `flags` holds what the command line gave, by setting name. `toml_path` is the file to read: an
    // absent one is Code::not_found only where the caller says that it was asked for.
    // Unknown keys and wrong types fail with "file:line: ..." and, where near, "did you mean".
    static Result<Settings> load(const std::map<std::string, std::string>& flags, const Environment& environment,
                                 const std::string& toml_path, bool toml_was_asked_for);

    const std::string& text(std::string_view name) const;
    std::int64_t number(std::string_view name) const;
    const SettingValue& at(std::string_view name) const;

private:
    std::map<std::string, SettingValue, std::less<>> values_;
};

}  // namespace madang::cli
