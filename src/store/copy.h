// Copies of a whole store in one form, a SQLite file, whichever kind the store is: what `backup_to`
// writes and `restore_from` loads.
#pragma once

#include <functional>
#include <string>

#include "store/store.h"

namespace madang::store {

// Every table of the store, from one snapshot, into a new SQLite file of mode 0600. The tables are
// those that the store itself lists.
Result<void> copy_to_sqlite(Store& store, const std::string& path);

struct Restored {
    std::int64_t tables = 0;
    std::int64_t rows = 0;
};
using CopyProgress = std::function<void(std::int64_t rows)>;

// Counts of rows by table.
using RowCounts = std::vector<std::pair<std::string, std::int64_t>>;
Result<RowCounts> count_rows(Store& store);

// Loads a copy into a store that holds only what its steps put there: `fresh` are the counts of a store
// that was just migrated. Code::conflict where it holds anything else or the copy was made by other steps,
// Code::corrupted where the file is damaged. The store has all of the copy afterwards, or is as it was.
Result<Restored> restore_from(Store& store, const std::string& sqlite_file, const RowCounts& fresh,
                              const CopyProgress& progress = {});

}  // namespace madang::store
