// The constants of a column of a decision table, and one value for each segment that they cut its domain into:
// what every value of a segment passes, its sample passes.
#pragma once

#include <string>
#include <vector>

#include "feel/detail/program.h"

namespace madang::decision {

struct Constants {
    std::vector<feel::Number> numbers;
    std::vector<std::string> texts;
    std::vector<feel::CalendarDate> dates;
    bool truths = false;

    // Of how many types they are.
    int kinds() const { return (numbers.empty() ? 0 : 1) + (texts.empty() ? 0 : 1) + (dates.empty() ? 0 : 1) + (truths ? 1 : 0); }
    void add(const Constants& other);
    void sort();   // each once
};

// Whether a cell is made of constants of these types alone, and which.
bool learn_constants(const feel::Program& program, Constants& constants);

// Sorted constants to samples. Numbers and dates: below, at the first, between, at the second, …, above; texts: each, then another
// one. Empty where the constants leave no room for them.
std::vector<feel::Value> samples_of(const std::vector<feel::Number>& bounds);
std::vector<feel::Value> samples_of(const std::vector<std::string>& texts);
std::vector<feel::Value> samples_of(const std::vector<feel::CalendarDate>& bounds);

}  // namespace madang::decision
