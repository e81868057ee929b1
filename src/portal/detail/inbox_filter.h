// What the inbox is asked for, from its address and back, so that pages and filters are plain links.
#pragma once

#include "portal/detail/house.h"

namespace madang::portal {

struct InboxFilter {
    casework::CaseFilter filter;
    std::string state = "waiting", who;   // who: "" anybody's, "mine", "nobody"
    std::int64_t first = 0;

    static constexpr std::int64_t kPage = 50;
};
// What cannot be read counts as not asked.
InboxFilter read_inbox_filter(const http::Request& request, const casework::Officer& officer);
// The fields of the form, and the links to the pages before and after.
void add_inbox_filter(const Portal::House& house, const Visit& visit, const InboxFilter& asked, const casework::CasePage& page, json::object& data);

}  // namespace madang::portal
