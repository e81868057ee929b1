// Strong identifiers: UUID version 7 (RFC 9562 clause 5.7), so that ids of one kind sort by the time
// they were made, and an id of one kind cannot be passed for another.
//
//   using CaseId = Id<struct CaseIdTag>;
//   CaseId id = make_id<CaseId>(clock, random);
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/clock.h"
#include "base/random.h"
#include "base/result.h"

namespace madang {

using UuidBytes = std::array<std::uint8_t, 16>;

UuidBytes make_uuid_v7(Instant now, Random& random);
std::string format_uuid(const UuidBytes& bytes);                 // 8-4-4-4-12, lower case
Result<UuidBytes> parse_uuid(std::string_view text);             // only that form
Result<UuidBytes> uuid_from_bytes(ByteSpan bytes);               // exactly 16

template <class Tag>
class Id {
public:
    Id() = default;  // the nil id: "none"
    explicit Id(const UuidBytes& bytes) : bytes_(bytes) {}

    static Result<Id> parse(std::string_view text) {
        TRY(const auto bytes, parse_uuid(text));
        return Id(bytes);
    }
    static Result<Id> from_bytes(ByteSpan bytes) {
        TRY(const auto uuid, uuid_from_bytes(bytes));
        return Id(uuid);
    }
    // The text form is also the form in the store: TEXT sorts as the bytes do.
    std::string text() const { return format_uuid(bytes_); }
    const UuidBytes& bytes() const { return bytes_; }
    bool is_nil() const { return bytes_ == UuidBytes{}; }

    friend auto operator<=>(const Id&, const Id&) = default;

private:
    UuidBytes bytes_{};
};

template <class IdType>
IdType make_id(const Clock& clock, Random& random) {
    return IdType(make_uuid_v7(clock.now(), random));
}

}  // namespace madang

template <class Tag>
struct std::hash<madang::Id<Tag>> {
    std::size_t operator()(const madang::Id<Tag>& id) const noexcept {
        return std::hash<std::string_view>{}(madang::as_text(id.bytes()));
    }
};
