// What baselines learned, as bytes that a restart takes up again.
#include <cmath>

#include "base/binary.h"
#include "base/text.h"
#include "learning/baseline.h"

namespace madang::learning {
namespace {

constexpr std::uint32_t kForm = 1;
constexpr std::uint64_t kMaxName = 4096;   // bytes of an entity

}  // namespace

std::string Baselines::memory() const {
    BinaryWriter out;
    const auto put = [&](const Slot& slot) {
        out.put(slot.mean);
        out.put(slot.spread);
        out.put(slot.hours);
    };
    out.put(kForm);
    out.put(forgotten_);
    out.put(late_);
    out.put(static_cast<std::uint64_t>(all_.size()));
    // The one heard of last comes last.
    for (auto name = order_.rbegin(); name != order_.rend(); ++name) {
        const Entity& one = all_.at(*name);
        out.put_text(*name);
        out.put(one.hour);
        out.put(one.seen);
        out.put(static_cast<std::uint8_t>(one.told));
        put(one.all);
        std::uint64_t known = 0;
        for (std::size_t i = 0; i < kSlots; ++i) known |= std::uint64_t{one.slots[i].hours > 0} << i;
        out.put(known);
        for (const Slot& slot : one.slots) {
            if (slot.hours > 0) put(slot);
        }
    }
    return out.take();
}

Result<void> Baselines::read_entities(std::string_view memory) {
    BinaryReader in(memory);
    const auto take = [&](Slot& slot) -> Result<void> {
        TRY(slot.mean, in.take<float>());
        TRY(slot.spread, in.take<float>());
        TRY(slot.hours, in.take<std::uint16_t>());
        if (!std::isfinite(slot.mean) || !std::isfinite(slot.spread) || slot.spread < 0) return fail(Code::corrupted, "a number is none");
        return {};
    };
    TRY(const auto form, in.take<std::uint32_t>());
    if (form != kForm) return fail(Code::corrupted, format("form {} is not known", form));
    TRY(forgotten_, in.take<std::uint64_t>());
    TRY(late_, in.take<std::uint64_t>());
    TRY(const auto count, in.take<std::uint64_t>());
    for (std::uint64_t i = 0; i < count; ++i) {
        TRY(const auto name, in.take_text(kMaxName));
        TRY(const auto hour, in.take<std::int64_t>());
        Entity& one = place_of(name, hour);
        one.hour = hour;
        TRY(one.seen, in.take<double>());
        if (!std::isfinite(one.seen)) return fail(Code::corrupted, "a number is none");
        TRY(const auto told, in.take<std::uint8_t>());
        one.told = told != 0;
        TRY_DO(take(one.all));
        TRY(const auto known, in.take<std::uint64_t>());
        for (std::size_t slot = 0; slot < kSlots; ++slot) {
            if ((known >> slot & 1U) != 0) TRY_DO(take(one.slots[slot]));
        }
    }
    if (!in.at_end()) return fail(Code::corrupted, "it goes on behind its end");
    return {};
}

Result<void> Baselines::recall(std::string_view memory) {
    const auto forget = [&] {
        all_.clear();
        order_.clear();
        forgotten_ = late_ = 0;
    };
    forget();
    auto read = read_entities(memory);
    if (!read) forget();
    return read;
}

}  // namespace madang::learning
