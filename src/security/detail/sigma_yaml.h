// A YAML 1.2 stream as a tree whose every node knows its line (https://yaml.org/spec/1.2.2/).
// An alias stands for a copy of what its anchor named, counted as values like any other; tags are refused.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace madang::security {

inline constexpr std::size_t kMaxYamlBytes = 1U << 20U;
inline constexpr std::size_t kMaxYamlNodes = 100'000;
inline constexpr std::size_t kMaxYamlDepth = 16;

// What a scalar is by the core schema (clause 10.3.2); a quoted one is always text.
enum class YamlKind { null, boolean, integer, real, text, list, map };

struct YamlEntry;

struct YamlNode {
    YamlKind kind = YamlKind::null;
    std::string text;                     // of a scalar, as written
    std::vector<YamlNode> items;          // of a list
    std::vector<YamlEntry> entries;       // of a map, in order; keys are distinct scalars
    std::size_t line = 1;

    bool is_scalar() const { return kind != YamlKind::list && kind != YamlKind::map; }
    const YamlNode* find(std::string_view key) const;       // null when this is no map, or has no such key
};

struct YamlEntry {
    YamlNode key;
    YamlNode value;
};

// The documents of a stream. Fails with Code::invalid, "NAME:LINE: why".
Result<std::vector<YamlNode>> parse_yaml(std::string_view text, std::string_view name);

// Each document by itself: where one is no YAML, the others are there.
std::vector<Result<YamlNode>> parse_yaml_documents(std::string_view text, std::string_view name);

// The core schema's reading of a plain scalar.
YamlKind plain_kind(std::string_view text);

std::unexpected<Error> fail_at(std::string_view name, std::size_t line, std::string_view why);

}  // namespace madang::security
