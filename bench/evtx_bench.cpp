// Windows event logs read into events as rules see them: bytes and records a second of one core, without and with all rules.
//
//   evtx_bench LOGS RULES          folders of EVTX files and of Sigma rules
#include <algorithm>
#include <ctime>
#include <cstdio>
#include <filesystem>
#include <vector>

#include "must.h"
#include "security/detector.h"
#include "security/evtx.h"
#include "security/rule_set.h"

namespace madang::bench {
namespace {

using namespace security;

double cpu_seconds() {
    timespec now{};
    ::clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) / 1e9;
}

struct Read {
    std::uint64_t records = 0, record_bytes = 0, fields = 0, found = 0;
    double cpu = 0;
};

// The size of a record stands behind its mark of four bytes (MS-EVEN6 2.2.17).
std::uint32_t size_of(std::string_view log, std::uint64_t offset) {
    std::uint32_t size = 0;
    for (int i = 3; i >= 0; --i) size = size << 8U | static_cast<unsigned char>(log[static_cast<std::size_t>(offset) + 4 + static_cast<std::size_t>(i)]);
    return size;
}

Read read_all(const std::vector<EvtxFile>& files, const SigmaProgram* program) {
    Read all;
    std::unique_ptr<SigmaProgram::Run> run;
    if (program != nullptr) run = std::make_unique<SigmaProgram::Run>(*program);
    const LogOrigin origin{.category = {}, .product = "windows", .service = {}};
    const double begin = cpu_seconds();
    for (const EvtxFile& file : files) {
        auto log = EvtxReader::open(file.bytes());
        if (!log) continue;
        EvtxEvents events;
        Event event;
        while (const EvtxRecord* record = log->next()) {
            events.fill(log->paths(), *record, event);
            ++all.records;
            all.record_bytes += size_of(file.bytes(), record->offset);
            all.fields += event.size();
            if (run) all.found += run->matches(event, origin).size();
        }
    }
    all.cpu = cpu_seconds() - begin;
    return all;
}

int run(const Path& logs, const Path& rules) {
    std::vector<EvtxFile> files;
    std::uint64_t bytes = 0;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(logs)) {
        if (entry.path().extension() != ".evtx") continue;
        auto file = EvtxFile::open(entry.path());
        if (!file) continue;
        bytes += file->bytes().size();
        files.push_back(std::move(*file));
    }
    const auto set = must(load_rules({rules}), "rules");
    const auto program = must(SigmaProgram::compile(set.rules, must(LogSources::shipped())), "compiling");
    read_all(files, nullptr);   // the files are in memory from here on
    std::printf("%zu logs, %.1f MB\n", files.size(), static_cast<double>(bytes) / 1e6);
    for (const SigmaProgram* one : {static_cast<const SigmaProgram*>(nullptr), program.get()}) {
        std::vector<Read> rounds;
        for (int round = 0; round < 7; ++round) rounds.push_back(read_all(files, one));
        std::ranges::sort(rounds, {}, &Read::cpu);
        const Read& median = rounds[3];
        std::printf("%-22s %6llu records, %llu fields: %4.0f MB/s of files, %4.0f MB/s of records, %7.0f records/s on one core", one == nullptr ? "read" : "read, and all rules", static_cast<unsigned long long>(median.records),
                    static_cast<unsigned long long>(median.fields), static_cast<double>(bytes) / 1e6 / median.cpu, static_cast<double>(median.record_bytes) / 1e6 / median.cpu, static_cast<double>(median.records) / median.cpu);
        if (one != nullptr) std::printf(", %llu found", static_cast<unsigned long long>(median.found));
        std::printf("\n");
    }
    return 0;
}

}  // namespace
}  // namespace madang::bench

int main(int count, char** arguments) {
    if (count < 3) return std::fprintf(stderr, "evtx_bench LOGS RULES\n"), 2;
    return madang::bench::run(arguments[1], arguments[2]);
}
