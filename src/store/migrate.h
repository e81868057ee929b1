// Brings tables forward: which steps were applied is kept in store_migration, each with the checksum of
// its text, so that an edited step and a store newer than the program are found at the start.
#pragma once

#include <span>

#include "store/store.h"

namespace madang::store {

// The steps of every room in one list; each room's numbers run 1, 2, 3 … without a gap.
Result<void> apply_migrations(Store& store, std::span<const Migration> migrations);

// FNV-1a over the text: tells an accidental edit, it is no protection against intent.
std::string checksum_of(std::string_view sql);

// The statements of a step: separated by ";" at the end of a line, without comment lines.
std::vector<std::string> statements_of(std::string_view sql);

}  // namespace madang::store
