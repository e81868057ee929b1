// The record of who read a person's data. The person sees it; a private person who reads for somebody
// is named by account, an officer only by capacity and body.
#pragma once

#include <string>
#include <vector>

#include "base/clock.h"
#include "base/random.h"
#include "identity/access.h"
#include "store/store.h"

namespace madang::identity {

struct AccessEntry {
    Instant at;
    AccountId who;             // nil where an officer or the house read
    std::string capacity;
    std::string body;
    std::string case_id;
    std::string legal_ground;
    std::string what;          // what was read: "population.residence", "case", "certificate 7K2M…"
};

class AccessLog {
public:
    AccessLog(const Clock& clock, Random& random) : clock_(clock), random_(random) {}

    // In the transaction that reads, so that no reading goes unrecorded. Fails as check_access() does;
    // `what` is 1 to 200 bytes and holds no personal data.
    Result<void> record(store::Tx& tx, const Access& access, const PersonId& subject, std::string_view what);
    // Several persons of one reading.
    Result<void> record_many(store::Tx& tx, const Access& access, const std::vector<PersonId>& subjects, std::string_view what);

    // For the person: newest first, at most `limit`, which is at most 1,000.
    Result<std::vector<AccessEntry>> accesses_of(store::Reader& reader, const PersonId& person, std::size_t limit = 200);
    // For an auditor: what one account read, newest first, with `who` filled in.
    struct Reading {
        PersonId subject;
        AccessEntry entry;
    };
    Result<std::vector<Reading>> readings_by(store::Reader& reader, const AccountId& account, std::size_t limit = 200);

private:
    const Clock& clock_;
    Random& random_;
};

}  // namespace madang::identity
