// A process that goes on by a timer, a message or a signal: its case changes with it.
#pragma once

#include "base/text.h"
#include "casework/detail/host.h"

namespace madang::casework {

class Casework::CaseHosts final : public process::Hosts {
public:
    explicit CaseHosts(Casework& casework) : casework_(casework) {}

    Result<void> with_host(store::Tx& tx, const process::Instance& instance, const Use& use) override {
        const std::size_t slash = instance.business_key.find('/');
        if (slash == std::string::npos) return fail(Code::not_found, format("process {} belongs to no case", instance.id.text()));
        TRY(const CaseId id, CaseId::parse(std::string_view(instance.business_key).substr(slash + 1)));
        TRY(auto row, find_case_row(tx, instance.business_key.substr(0, slash), id));
        const catalogue::Service* service = row ? casework_.parts_.pack.find_service(row->summary.service) : nullptr;
        if (service == nullptr) return fail(Code::not_found, format("the case or the service of process {} is not there", instance.id.text()));
        TRY(CaseContent content, casework_.content_of(tx, *row));
        Host host(casework_, *service, row->summary, content);
        TRY_DO(use(host));
        if (!row->instance.empty()) TRY_DO(casework_.settle(tx, *row, content));
        return {};
    }

private:
    Casework& casework_;
};

}  // namespace madang::casework
