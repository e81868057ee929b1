#include "store/testing.h"

#include <unistd.h>

#include <atomic>
#include <cstdlib>
#include <filesystem>

#include "base/check.h"
#include "base/text.h"
#include "store/postgres_store.h"

namespace madang::store {
namespace {

std::string server_address() {
    const char* address = std::getenv("MADANG_TEST_POSTGRES");
    return address == nullptr ? std::string() : std::string(address);
}

// The server's address with another database.
std::string with_database(const std::string& address, const std::string& database) {
    const std::size_t scheme = address.find("://");
    const std::size_t slash = address.find('/', scheme + 3);
    return address.substr(0, slash) + "/" + database;
}

void run_on_server(const std::string& statement) {
    const auto ran = run_alone(server_address(), statement);
    if (!ran) std::fprintf(stderr, "%s\n", ran.error().message.c_str());
    MADANG_CHECK(ran.has_value());
}

}  // namespace

std::vector<std::string> scratch_kinds() {
    std::vector<std::string> kinds{"sqlite"};
    if (!server_address().empty()) kinds.emplace_back("postgresql");
    return kinds;
}

ScratchStore::ScratchStore(const std::string& kind, std::span<const Migration> migrations) {
    static std::atomic<int> count{0};
    if (kind == "sqlite") {
        std::string pattern = (std::filesystem::temp_directory_path() / "madang-store-XXXXXX").string();
        MADANG_CHECK(::mkdtemp(pattern.data()) != nullptr);
        folder_ = pattern;
        address_ = folder_ + "/scratch.sqlite";
    } else {
        MADANG_CHECK(kind == "postgresql" && !server_address().empty());
        database_ = format("madang_test_{}_{}", ::getpid(), ++count);
        run_on_server("CREATE DATABASE " + database_);
        address_ = with_database(server_address(), database_);
    }
    store_ = open_scratch(address_, migrations);
}

ScratchStore::~ScratchStore() {
    store_.reset();
    if (!folder_.empty()) std::filesystem::remove_all(folder_);
    if (!database_.empty()) run_on_server("DROP DATABASE " + database_ + " WITH (FORCE)");
}

void ScratchStore::reopen() {
    store_.reset();
    auto opened = open(address_);
    MADANG_CHECK(opened.has_value());
    store_ = std::move(*opened);
}

std::unique_ptr<Store> open_scratch(const std::string& address, std::span<const Migration> migrations) {
    auto opened = open(address);
    if (!opened) std::fprintf(stderr, "%s\n", opened.error().message.c_str());
    MADANG_CHECK(opened.has_value());
    const auto migrated = (*opened)->migrate(migrations);
    if (!migrated) std::fprintf(stderr, "%s\n", migrated.error().message.c_str());
    MADANG_CHECK(migrated.has_value());
    return std::move(*opened);
}

}  // namespace madang::store
