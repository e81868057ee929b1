// Logs as files: where in them something was found, and what is told of damage.
#include "security/detector.h"

#include <gmock/gmock.h>
#include <zstd.h>

#include "security/evtx_testing.h"
#include "security/sigma_reader.h"
#include "security/testing.h"

namespace madang::security {
namespace {

// RFC 1952 around stored blocks (RFC 1951 3.2.4).
std::string gzipped(std::string_view text) {
    std::string packed("\x1f\x8b\x08\0\0\0\0\0\0\xff", 10);
    constexpr std::size_t kBlock = 65'535;
    for (std::size_t at = 0; at < text.size(); at += kBlock) {
        const std::string_view block = text.substr(at, kBlock);
        packed += at + kBlock < text.size() ? '\0' : '\1';
        packed += little(block.size(), 2) + little(~block.size() & 0xFFFFU, 2) + std::string(block);
    }
    return packed + little(evtx_checksum(text), 4) + little(text.size(), 4);
}

std::string zstandard(std::string_view text) {
    std::string packed(ZSTD_compressBound(text.size()), '\0');
    packed.resize(ZSTD_compress(packed.data(), packed.size(), text.data(), text.size(), 1));
    return packed;
}

// Chunks with an event each, which a packer cannot make small.
std::string log_of(std::uint64_t events) {
    std::vector<std::string> chunks;
    for (std::uint64_t number = 1; number <= events; ++number) {
        MadeChunk chunk;
        chunk.record(number, [&](MadeChunk& c) {
            c.header().define([](MadeChunk& t) { t.open("Event").open("System").open("EventID").value(0).close().close().close(); });
            c.values({made(EvtxType::uint16, little(4000 + number, 2))}).end();
        });
        std::string bytes = chunk.done();
        // Behind the records there may be anything.
        auto dice = static_cast<std::uint32_t>(number);
        for (std::size_t i = 8192; i < bytes.size(); ++i) bytes[i] = static_cast<char>((dice = dice * 1664525U + 1013904223U) >> 24U);
        chunks.push_back(std::move(bytes));
    }
    return made_file(chunks);
}

class DetectorOf : public testing::Test {
protected:
    void SetUp() override {
        auto read = read_sigma("title: t\nlogsource: {category: c}\ndetection:\n  s: [{found: 1}, {EventID|startswith: 40}]\n  condition: s\n", "t.yml");
        ASSERT_TRUE(read) << read.error().message;
        auto program = SigmaProgram::compile(std::move(read->rules), LogSources());
        ASSERT_TRUE(program) << program.error().message;
        program_ = std::move(*program);
    }
    // The records of what is found.
    std::vector<std::uint64_t> found(std::string_view bytes) {
        const Path file = own_.path() / "log";
        EXPECT_TRUE(write_file_whole(file, bytes));
        std::vector<std::uint64_t> records;
        Detector detector(*program_);
        const auto read = detector.read(file, {.category = "c", .product = {}, .service = {}}, [&](const Detector::Found& one) { records.push_back(one.record); });
        EXPECT_TRUE(read) << read.error().message;
        if (read) counts_ = *read;
        problems_ = detector.problems();
        return records;
    }

    const TestFolder own_;
    std::unique_ptr<const SigmaProgram> program_;
    LogCounts counts_;
    std::vector<std::string> problems_;
};

TEST_F(DetectorOf, LinesAreThoseWhoseNumbersAreTold) {
    const std::string endless = "{\"a\":\"" + std::string(LineLimits().line, 'x') + "\"}\n";
    EXPECT_THAT(found("{\"found\":1}\n\n" + endless + "no json\n{\"found\":1}\n{\"found\":2}\n{\"found\":1}"), testing::ElementsAre(1, 5, 7));
    EXPECT_EQ(counts_.events, 4U);
    EXPECT_EQ(counts_.passed_over, 2U);
    EXPECT_THAT(problems_, testing::ElementsAre(testing::StartsWith("line 3: longer than"), testing::StartsWith("line 4: ")));
}

TEST_F(DetectorOf, PackedLogsAreReadAsFarAsTheyAreWhole) {
    const std::string log = log_of(6);
    EXPECT_THAT(found(log), testing::ElementsAre(1, 2, 3, 4, 5, 6));
    for (const std::string& packed : {gzipped(log), zstandard(log)}) {
        EXPECT_THAT(found(packed), testing::ElementsAre(1, 2, 3, 4, 5, 6));
        EXPECT_EQ(counts_.passed_over, 0U);
        EXPECT_THAT(problems_, testing::IsEmpty());
        // What is cut off takes its block of the packed file with it, 128 kB of Zstandard.
        const auto records = found(std::string_view(packed).substr(0, packed.size() - 40'000));
        ASSERT_GE(records.size(), 3U);
        EXPECT_LT(records.size(), 6U);
        for (std::size_t i = 0; i < records.size(); ++i) EXPECT_EQ(records[i], i + 1);
        EXPECT_EQ(counts_.events, records.size());
        EXPECT_GE(counts_.passed_over, 1U) << "the damage is told";
        EXPECT_THAT(problems_, testing::Not(testing::IsEmpty()));
    }
}

}  // namespace
}  // namespace madang::security
