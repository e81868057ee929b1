#include "store/store.h"

#include "store/postgres_store.h"
#include "store/sqlite_store.h"

namespace madang::store {

std::optional<std::int64_t> Row::integer_if(int column) const {
    if (is_null(column)) return std::nullopt;
    return integer(column);
}

std::optional<std::string> Row::text_if(int column) const {
    if (is_null(column)) return std::nullopt;
    return std::string(text(column));
}

Result<std::unique_ptr<Store>> open(const std::string& address) {
    if (address.starts_with("postgres://") || address.starts_with("postgresql://")) return PostgresStore::open(address);
    return SqliteStore::open(address);
}

}  // namespace madang::store
