#include "cli/progress.h"

#include <unistd.h>

#include <algorithm>

#include "base/text.h"

namespace madang::cli {
namespace {

constexpr auto kBarEvery = std::chrono::milliseconds(100);
constexpr auto kLineEvery = std::chrono::seconds(10);
constexpr std::size_t kBarWidth = 30;

}  // namespace

Progress::Progress(std::FILE* stream, Form form, std::string what, std::string unit, std::uint64_t total)
    : stream_(stream), form_(form), what_(std::move(what)), unit_(std::move(unit)), total_(total),
      begin_(Steady::now()), last_(begin_) {}

Progress::~Progress() {
    if (form_ == Form::bar && printed_) std::fputc('\n', stream_);
}

Progress::Form Progress::form_for(std::FILE* stream, bool quiet) {
    if (quiet) return Form::silent;
    return ::isatty(::fileno(stream)) != 0 ? Form::bar : Form::lines;
}

void Progress::at(std::uint64_t done, std::uint64_t total) {
    if (form_ == Form::silent) return;
    total_ = total;
    const auto now = Steady::now();
    const auto pause = form_ == Form::bar ? std::chrono::duration_cast<Steady::duration>(kBarEvery)
                                          : std::chrono::duration_cast<Steady::duration>(kLineEvery);
    if (now - last_ < pause && done != total) return;
    last_ = now;
    print(done, total, std::chrono::duration<double>(now - begin_).count());
}

void Progress::print(std::uint64_t done, std::uint64_t total, double seconds) {
    const double rate = seconds > 0 ? static_cast<double>(done) / seconds : 0;
    std::string line = format("{}: {} {}", what_, done, unit_);
    if (total > 0) {
        const double share = std::min(1.0, static_cast<double>(done) / static_cast<double>(total));
        const auto filled = static_cast<std::size_t>(share * kBarWidth);
        const double left = rate > 0 ? static_cast<double>(total - std::min(done, total)) / rate : 0;
        if (form_ == Form::bar) {
            line = format("{}: [{}{}]", what_, std::string(filled, '#'), std::string(kBarWidth - filled, ' '));
        }
        line += format(" {:.0f} % of {} {}, {:.0f}/s, {:.0f} s left", share * 100, total, unit_, rate, left);
    }
    if (form_ == Form::bar) {
        std::fprintf(stream_, "\r%s\033[K", line.c_str());
        printed_ = true;
    } else {
        std::fprintf(stream_, "%s\n", line.c_str());
    }
    std::fflush(stream_);
}

}  // namespace madang::cli
