// What is usual for each user, host or service, learned as events stream by: how many in an hour, by the hour of the day and
// by working or free day, so that a backup at night is no alarm and a sign-in at night is one.
#pragma once

#include <array>
#include <cstdint>
#include <list>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "base/clock.h"
#include "base/result.h"

namespace madang::learning {

struct BaselineSettings {
    double forget = 0.1;              // weight of the newest hour of a kind: about ten of them are remembered
    int least_hours = 24;             // of an entity before anything is said of it
    double alarm = 6;                 // deviations
    std::size_t entities = 50'000;    // beyond, the one that was silent longest is forgotten
};

struct Unusual {
    std::string entity;
    Instant hour{};                   // its beginning
    double seen = 0, usual = 0;       // events in the hour
    double deviations = 0;
    std::string words;                // "412 events between 03:00 and 04:00 on a working day, usually 3 (at most 9)"
};

// Memory: about 500 bytes an entity. Not safe for several threads at once.
class Baselines {
public:
    // `offset` is the local time's distance from UTC.
    Baselines(BaselineSettings settings, std::chrono::minutes offset) : settings_(settings), offset_(offset) {}
    Baselines(Baselines&&) = default;
    Baselines& operator=(Baselines&&) = default;
    Baselines(const Baselines&) = delete;               // places in the list are of this one
    Baselines& operator=(const Baselines&) = delete;
    ~Baselines() = default;

    // An event of that moment, or `count` of them. What is of the hour before the entity's counts into it, what is older is passed
    // over: days that a sender catches up on are no rush. Something unusual is told once an hour, at the event that made it so.
    std::optional<Unusual> add(std::string_view entity, Instant at, double count = 1);
    // Of the events that follow: local time may change with summer.
    void set_offset(std::chrono::minutes offset) { offset_ = offset; }
    const BaselineSettings& settings() const { return settings_; }
    std::size_t entities() const { return all_.size(); }
    std::uint64_t forgotten() const { return forgotten_; }
    std::uint64_t late() const { return late_; }

    // All that was learned, as bytes (docs/formats/learning.md), and back: Code::corrupted for other bytes, and then nothing is
    // known. Of more entities than the settings have room for, those heard of last stay.
    std::string memory() const;
    Result<void> recall(std::string_view memory);

private:
    static constexpr std::size_t kSlots = 48;   // 24 hours of working days and of the weekend
    struct Slot {
        float mean = 0, spread = 0;             // spread: exponentially weighted variance
        std::uint16_t hours = 0;
    };
    struct Entity {
        std::array<Slot, kSlots> slots{};
        Slot all{};
        std::int64_t hour = 0;                  // since 1970, local
        double seen = 0;
        bool told = false;
        std::list<std::string>::iterator place;
    };
    Result<void> read_entities(std::string_view memory);
    Entity& place_of(std::string_view entity, std::int64_t hour);
    void close_hours(Entity& one, std::int64_t until) const;
    std::optional<Unusual> judge(std::string_view name, Entity& one) const;
    void learn(Slot& slot, double seen) const;

    BaselineSettings settings_;
    std::chrono::minutes offset_;
    std::unordered_map<std::string, Entity> all_;
    std::list<std::string> order_;              // the one heard of last is in front
    std::uint64_t forgotten_ = 0, late_ = 0;
};

}  // namespace madang::learning
