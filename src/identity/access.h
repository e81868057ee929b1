// Who reads personal data, as what, for which case and on what legal ground. Every read of personal data
// takes an Access and leaves it in the access log.
#pragma once

#include <string>

#include "base/id.h"
#include "base/result.h"

namespace madang::identity {

using AccountId = Id<struct AccountIdTag>;
using PersonId = Id<struct PersonIdTag>;

struct Access {
    AccountId who;             // nil for the house itself
    std::string capacity;      // "self", "parent", "representative", "officer", "auditor", "helper", "system"
    std::string body;          // code of the government body that reads, empty for a person's own reading
    std::string case_id;       // empty where no case is behind it
    std::string legal_ground;  // the article of law or the mandate, without personal data
};

// Code::denied where the capacity is none of the above, where there is no legal ground, where an officer
// names no body, or where a text is longer than 400 bytes.
Result<void> check_access(const Access& access);

}  // namespace madang::identity
