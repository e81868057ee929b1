// What the program tells the shell; the table stands in `madang --help` and README.md.
#pragma once

#include "base/result.h"

namespace madang::cli {

enum ExitCode : int {
    kOk = 0,
    kCheckFailed = 1,    // something was checked and is not good: a certificate, a test, a doctor's line
    kUsage = 2,          // the command line itself
    kInvalid = 3,        // an input breaks a rule
    kNotFound = 4,
    kConflict = 5,
    kDenied = 6,
    kCorrupted = 7,
    kExhausted = 8,      // a limit or a disk is full
    kUnavailable = 9,
};

inline int exit_code_of(Code code) {
    switch (code) {
        case Code::invalid: return kInvalid;
        case Code::not_found: return kNotFound;
        case Code::conflict: return kConflict;
        case Code::denied: return kDenied;
        case Code::corrupted: return kCorrupted;
        case Code::exhausted: return kExhausted;
        case Code::unavailable: return kUnavailable;
    }
    return kInvalid;
}

}  // namespace madang::cli
