// Who asks, and which case of theirs the path names: each gives what was asked for or the page to show instead.
#pragma once

#include <expected>

#include "portal/detail/house.h"

namespace madang::portal {

// An officer, or where `helper` is true also an employee of the counter.
std::expected<casework::Officer, Response> officer_of(const Portal::House& house, const Visit& visit, bool helper = false);
// The head of a body, who sees how its work stands.
std::expected<casework::Officer, Response> head_of(const Portal::House& house, const Visit& visit);
// The case {receipt} of the officer's body.
std::expected<casework::CaseSummary, Response> office_case(const Portal::House& house, const Visit& visit, const casework::Officer& officer);
// The case {receipt} of the person who visits, with the account that they signed in with.
struct OwnCase {
    casework::CaseSummary summary;
    identity::AccountId account;
    // In what capacity what is sealed in it may be read.
    identity::Access access() const;
};
std::expected<OwnCase, Response> own_case(const Portal::House& house, const Visit& visit);
// Whether an administrator of the whole installation asks; else the page to show instead.
std::expected<identity::AccountId, Response> operator_of(const Portal::House& house, const Visit& visit);

// The page of a list that begins at `first`; of one beyond its end the last: the list got shorter in the meantime.
template <class Find>
auto page_at(std::int64_t first, std::int64_t count, const Find& find) {
    auto found = find(first);
    if (found && first > 0 && first >= found->total) found = find(std::max<std::int64_t>(0, (found->total - 1) / count * count));
    return found;
}

}  // namespace madang::portal
