// A store with the tables of this room, a clock to turn and what the tests of the room need.
#pragma once

#include <gtest/gtest.h>

#include "base/clock.h"
#include "base/random.h"
#include "base/time_text.h"
#include "identity/access_log.h"
#include "identity/accounts.h"
#include "identity/mandates.h"
#include "identity/migrations.h"
#include "identity/vault.h"
#include "store/testing.h"

namespace madang::identity {

inline const Bytes kTestMasterKey(32, 0x4d);

class House : public testing::TestWithParam<std::string> {
protected:
    std::vector<store::Migration> steps_ = migrations();
    store::ScratchStore store_{GetParam(), steps_};
    ManualClock clock_{*parse_instant("2026-11-23T10:00:00Z")};
    SystemRandom random_;

    PersonId new_person() { return make_id<PersonId>(clock_, random_); }
    template <class T, class F>
    Result<T> write(F closure) {
        return store_->template write<T>(closure);
    }
    template <class T, class F>
    Result<T> read(F closure) {
        return store_->template read<T>(closure);
    }
};

}  // namespace madang::identity
