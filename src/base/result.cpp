#include "base/result.h"

#include "base/check.h"

namespace madang {

std::string_view name_of(Code code) {
    switch (code) {
        case Code::invalid: return "invalid";
        case Code::not_found: return "not found";
        case Code::conflict: return "conflict";
        case Code::denied: return "denied";
        case Code::corrupted: return "corrupted";
        case Code::exhausted: return "exhausted";
        case Code::unavailable: return "unavailable";
    }
    MADANG_CHECK(false);
}

}  // namespace madang
