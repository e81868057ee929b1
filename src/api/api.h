// What programs ask the house, as JSON, and what it publishes for anyone: the ledger's tiles, keys and
// revocations. Described in OpenAPI 3.1 at /openapi.json.
#pragma once

#include "casework/casework.h"
#include "catalogue/pack.h"
#include "documents/certificates.h"
#include "http/csrf.h"
#include "http/router.h"
#include "identity/accounts.h"
#include "ledger/ledger.h"

namespace madang::api {

// What the routes work with; everything outlives the router.
struct Parts {
    ledger::Ledger& ledger;
    documents::Certificates& certificates;
    casework::Casework& casework;
    identity::Accounts& accounts;
    const catalogue::Pack& pack;
    const http::CsrfTokens& csrf;
    // Words by language for what is told in sentences; without them the pack's own. Outlive the routes.
    const std::map<std::string, Catalogue, std::less<>>* words = nullptr;

    const Catalogue& words_in(std::string_view language) const;
};

void add_routes(http::Router& router, const Parts& parts);

// A problem in JSON for what the server itself answers below /api/ (no such route, too large, …).
http::Response error_page(int status);

// The description of every route that add_routes() makes.
json::value openapi(std::string_view server);

}  // namespace madang::api
