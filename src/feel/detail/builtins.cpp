#include "feel/detail/builtins.h"

#include <map>

#include "feel/detail/parser.h"

namespace madang::feel {
namespace {

const std::map<std::string_view, const Builtin*>& table() {
    static const auto all = [] {
        std::map<std::string_view, const Builtin*> made;
        for (const auto group : {conversion_builtins(), string_builtins(), pattern_builtins(), number_builtins(), list_builtins(),
                                 context_builtins(), range_builtins()}) {
            for (const Builtin& builtin : group) made.emplace(builtin.name, &builtin);
        }
        return made;
    }();
    return all;
}

}  // namespace

const Builtin* find_builtin(std::string_view name) {
    const auto found = table().find(name);
    return found == table().end() ? nullptr : found->second;
}

const NameSet& builtin_names_with_blanks() {
    static const NameSet names = [] {
        // Properties of temporal values and ranges (table 65) hold blanks as well.
        std::vector<std::string> made{"time offset", "start included", "end included"};
        for (const auto& [name, builtin] : table()) {
            if (name.find(' ') != std::string_view::npos) made.emplace_back(name);
        }
        return NameSet(made);
    }();
    return names;
}

}  // namespace madang::feel
