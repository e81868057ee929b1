// Progress of long work on standard error: a bar with rate and time left on a terminal, one line every
// ten seconds elsewhere, nothing with --quiet.
#pragma once

#include <chrono>
#include <cstdint>
#include <cstdio>
#include <string>

namespace madang::cli {

class Progress {
public:
    enum class Form { bar, lines, silent };

    // `unit` is what is counted ("acts"); `total` of 0 means that it is not known.
    Progress(std::FILE* stream, Form form, std::string what, std::string unit, std::uint64_t total);
    ~Progress();
    Progress(const Progress&) = delete;
    Progress& operator=(const Progress&) = delete;

    void at(std::uint64_t done, std::uint64_t total);
    // "bar" on a terminal, "lines" elsewhere.
    static Form form_for(std::FILE* stream, bool quiet);

private:
    using Steady = std::chrono::steady_clock;
    void print(std::uint64_t done, std::uint64_t total, double seconds);

    std::FILE* stream_;
    Form form_;
    std::string what_;
    std::string unit_;
    std::uint64_t total_;
    Steady::time_point begin_;
    Steady::time_point last_;
    bool printed_ = false;
};

}  // namespace madang::cli
