// What people see: pages in the pack's languages, without JavaScript. Handlers gather data and give it to a
// template; they decide nothing that casework, identity or documents decide.
#pragma once

#include <functional>

#include "base/clock.h"
#include "base/log.h"
#include "casework/casework.h"
#include "catalogue/pack.h"
#include "documents/certificates.h"
#include "http/csrf.h"
#include "http/router.h"
#include "identity/access_log.h"
#include "identity/accounts.h"
#include "identity/mandates.h"
#include "registers/population.h"
#include "store/store.h"

namespace madang::portal {

// What the pages work with; everything outlives the router.
struct Parts {
    store::Store& store;
    const catalogue::Pack& pack;
    casework::Casework& casework;
    documents::Certificates& certificates;
    identity::Accounts& accounts;
    identity::AccessLog& access_log;
    identity::Mandates& mandates;
    registers::PopulationRegister& population;
    const http::CsrfTokens& csrf;
    const Clock& clock;
    Random& random;
    Log& log;
};

class Portal {
public:
    // Reads the templates in every language of the pack.
    static Result<std::unique_ptr<Portal>> create(const Parts& parts);
    ~Portal();
    Portal(const Portal&) = delete;
    Portal& operator=(const Portal&) = delete;

    // The portal outlives the router.
    void add_routes(http::Router& router) const;
    // The page of an error, for http::Config::error_page.
    http::Response error_page(int status, const http::Request* request) const;

    // The words of its languages, the pack's with its own: also for whoever answers in them beside it.
    const std::map<std::string, Catalogue, std::less<>>& words() const;

    struct House;

private:
    explicit Portal(std::unique_ptr<House> house);
    std::unique_ptr<House> house_;
};

}  // namespace madang::portal
