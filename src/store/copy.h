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

// Loads a copy into a store that is migrated and empty. Code::conflict where it is not empty or the copy
// was made by another step of the tables, Code::corrupted where the file is damaged.
Result<Restored> restore_from(Store& empty, const std::string& sqlite_file, const CopyProgress& progress = {});

// Counts of rows by table, for comparing a copy with its store.
Result<std::vector<std::pair<std::string, std::int64_t>>> count_rows(Store& store);

}  // namespace madang::store
