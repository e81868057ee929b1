// Scratch stores for the tests of other rooms: each is empty, of its own and gone at the end.
//
//   class Notes : public testing::TestWithParam<std::string> {
//       store::ScratchStore scratch_{GetParam(), notes::migrations()};
//   };
//   INSTANTIATE_TEST_SUITE_P(Stores, Notes, testing::ValuesIn(store::scratch_kinds()));
#pragma once

#include <memory>
#include <span>
#include <string>
#include <vector>

#include "store/store.h"

namespace madang::store {

// "sqlite", and "postgresql" where MADANG_TEST_POSTGRES names a server that databases may be made on.
std::vector<std::string> scratch_kinds();

class ScratchStore {
public:
    // Makes, opens and migrates; a failure stops the test process.
    ScratchStore(const std::string& kind, std::span<const Migration> migrations);
    ~ScratchStore();
    ScratchStore(const ScratchStore&) = delete;
    ScratchStore& operator=(const ScratchStore&) = delete;

    Store& operator*() { return *store_; }
    Store* operator->() { return store_.get(); }
    const std::string& address() const { return address_; }
    // Closes and opens again, as after a restart.
    void reopen();

private:
    std::string folder_;    // of the SQLite file
    std::string database_;  // name on the server
    std::string address_;
    std::unique_ptr<Store> store_;
};

// Opens and migrates the store at an address.
std::unique_ptr<Store> open_scratch(const std::string& address, std::span<const Migration> migrations);

}  // namespace madang::store
