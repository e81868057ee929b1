#include "identity/access.h"

#include <algorithm>
#include <array>

#include "base/text.h"

namespace madang::identity {
namespace {

constexpr std::size_t kMaxText = 400;
constexpr std::array<std::string_view, 7> kCapacities{"self", "parent", "representative", "officer", "auditor", "helper", "system"};

}  // namespace

Result<void> check_access(const Access& access) {
    if (std::find(kCapacities.begin(), kCapacities.end(), access.capacity) == kCapacities.end()) {
        return fail(Code::denied, format("personal data are read only as {}", fmt::join(kCapacities, ", ")));
    }
    if (trim(access.legal_ground).empty()) return fail(Code::denied, "personal data are read only on a legal ground");
    const bool official = access.capacity == "officer" || access.capacity == "auditor" || access.capacity == "helper";
    if (official && access.body.empty()) return fail(Code::denied, "an officer reads personal data only for a government body");
    if (official && access.who.is_nil()) return fail(Code::denied, "an officer reads personal data only under an account");
    for (const auto* text : {&access.body, &access.case_id, &access.legal_ground}) {
        if (text->size() > kMaxText) return fail(Code::denied, format("a text of an access is longer than {} bytes", kMaxText));
    }
    return {};
}

}  // namespace madang::identity
