// The fictional people of a demonstration pack, brought into an installation with random passwords.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "cli/installation.h"

namespace madang::cli {

struct DemoSignIn {
    std::string name, password;
    std::string full_name;      // empty for staff
    std::string story;          // what to try, in English
    std::string totp_secret;    // hexadecimal; empty for citizens
};

// Fills the population register, gives parents their mandates and makes the accounts. Code::denied for a
// pack that is no demonstration, Code::conflict where it was done before.
Result<std::vector<DemoSignIn>> load_demo(const Context& context, Installation& house);

// What load_demo() left in the folder of the installation, readable by its owner alone. Empty where the
// installation is no demonstration.
Result<std::vector<DemoSignIn>> find_demo_sign_ins(const Installation& house);

}  // namespace madang::cli
