// The check of what a store publishes: its entries, tiles and checkpoint, without the acts behind them.
#pragma once

#include "ledger/copy.h"

namespace madang::ledger::detail {

Result<CopyVerdict> verify_published(store::Reader& reader, std::string_view key, const CopyProgress& progress);

}  // namespace madang::ledger::detail
