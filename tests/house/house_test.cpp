// The rules of the house that a program can check: layers, includes, names and what a room must hold.
#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <map>
#include <set>

#include "base/file.h"
#include "base/text.h"

namespace madang {
namespace {

const Path kRoot = MADANG_SOURCE_DIR;

std::string content_of(const Path& path) {
    const auto content = read_file(path);
    EXPECT_TRUE(content) << content.error().message;
    return content.value_or("");
}

// The rooms in the order of src/CMakeLists.txt, lowest first.
std::vector<std::string> rooms() {
    const std::string list = content_of(kRoot / "src/CMakeLists.txt");
    const std::size_t begin = list.find("set(rooms") + 9;
    std::vector<std::string> names;
    for (const auto line : split(list.substr(begin, list.find(')', begin) - begin), '\n')) {
        if (!trim(line).empty()) names.emplace_back(trim(line));
    }
    return names;
}

// The rooms behind DEPENDS in a room's CMakeLists.txt.
std::set<std::string> declared(const std::string& room) {
    std::string text = content_of(kRoot / "src" / room / "CMakeLists.txt");
    std::ranges::replace(text, '\n', ' ');
    const std::size_t call = text.find("madang_module(");
    std::set<std::string> result;
    bool listing = false;
    for (const auto word : split(text.substr(call + 14, text.find(')', call) - call - 14), ' ')) {
        if (word == "DEPENDS") {
            listing = true;
        } else if (word == "PACKAGES" || word == "LIBRARIES") {
            listing = false;
        } else if (listing && !word.empty()) {
            result.emplace(word);
        }
    }
    return result;
}

struct Include {
    std::string file;
    std::string name;
    bool quoted;
};

std::vector<Include> includes_of(const std::string& room) {
    std::vector<Include> result;
    const auto files = list_files(kRoot / "src" / room);
    EXPECT_TRUE(files);
    for (const std::string& file : *files) {
        if (!file.ends_with(".h") && !file.ends_with(".cpp")) continue;
        const std::string content = content_of(kRoot / "src" / room / file);
        for (std::string_view line : split(content, '\n')) {
            if (!line.starts_with("#include")) continue;
            const std::size_t open = line.find_first_of("\"<");
            const std::size_t close = line.find_first_of("\">", open + 1);
            if (close == std::string_view::npos) continue;
            result.push_back({room + "/" + file, std::string(line.substr(open + 1, close - open - 1)), line[open] == '"'});
        }
    }
    return result;
}

TEST(House, EveryRoomIsThereAndSaysWhatItIs) {
    for (const std::string& room : rooms()) {
        EXPECT_TRUE(std::filesystem::exists(kRoot / "src" / room / "CMakeLists.txt")) << room;
        const std::string readme = content_of(kRoot / "src" / room / "README.md");
        EXPECT_GT(readme.size(), 200U) << room << "/README.md says too little";
        EXPECT_LE(std::ranges::count(readme, '\n'), 45) << room << "/README.md is longer than a page";
    }
}

TEST(House, NoRoomLooksUpward) {
    const auto order = rooms();
    for (std::size_t i = 0; i < order.size(); ++i) {
        for (const std::string& dependency : declared(order[i])) {
            const auto at = std::ranges::find(order, dependency) - order.begin();
            EXPECT_LT(at, static_cast<std::ptrdiff_t>(i)) << order[i] << " depends on " << dependency;
        }
    }
}

TEST(House, IncludesMatchWhatIsDeclared) {
    const auto order = rooms();
    for (const std::string& room : order) {
        // What a dependency depends on may be included too: it is linked publicly.
        std::set<std::string> allowed{room};
        std::vector<std::string> open{room};
        while (!open.empty()) {
            const std::string next = open.back();
            open.pop_back();
            for (const std::string& dependency : declared(next)) {
                if (allowed.insert(dependency).second) open.push_back(dependency);
            }
        }
        for (const Include& include : includes_of(room)) {
            if (!include.quoted) continue;
            const std::string target = include.name.substr(0, include.name.find('/'));
            EXPECT_TRUE(allowed.contains(target))
                << include.file << " includes " << include.name << ", but " << room << " does not depend on " << target;
        }
    }
}

TEST(House, AThirdPartyLibraryIsIncludedInOneRoomOnly) {
    // Header prefix → room. A new library gets its line here and in docs/dependencies.md.
    const std::pair<std::string, std::string> owners[] = {
        {"boost/json", "base"},   {"pugixml", "base"},     {"unicode/", "base"},   {"fmt/", "base"},
        {"archive", "base"},      {"sqlite3", "store"},    {"libpq", "store"},     {"openssl/", "crypto"},
        {"sodium", "crypto"},     {"boost/beast", "http"}, {"boost/asio", "http"}, {"zlib", "http"},
        {"cairo", "documents"},   {"pango", "documents"},  {"qpdf/", "documents"}, {"qrencode", "documents"},
        {"yaml", "security"},     {"re2/", "security"},    {"hs/", "security"}, {"zstd", "security"}, {"librdkafka/", "security"}, {"xgboost/", "learning"},
        {"boost/multiprecision", "feel"}, {"ctemplate/", "portal"}, {"CLI/", "cli"},         {"toml", "cli"}};
    const std::set<std::string> everywhere{"gtest", "gmock", "sys", "netinet", "arpa"};
    for (const std::string& room : rooms()) {
        for (const Include& include : includes_of(room)) {
            if (include.quoted) continue;
            const auto* owner = std::ranges::find_if(owners, [&](const auto& o) { return include.name.starts_with(o.first); });
            if (owner != std::end(owners)) {
                EXPECT_EQ(room, owner->second) << include.file << " includes <" << include.name << ">";
            } else if (include.name.find('/') != std::string::npos) {
                EXPECT_TRUE(everywhere.contains(include.name.substr(0, include.name.find('/'))))
                    << include.file << " includes <" << include.name << ">, which no room owns";
            }
        }
    }
}

TEST(House, NothingIsCalledAfterNothing) {
    const std::set<std::string> empty_words{"common", "util", "utils", "helper", "helpers", "misc", "manager", "impl"};
    const auto files = list_files(kRoot / "src");
    ASSERT_TRUE(files);
    for (const std::string& file : *files) {
        std::string stem = Path(file).stem();
        std::ranges::replace(stem, '/', '_');
        for (const auto word : split(stem, '_')) EXPECT_FALSE(empty_words.contains(std::string(word))) << file;
    }
}

TEST(House, OnlyTheProgramReadsTheMachinesClock) {
    // Deadlines of sockets and progress bars use the steady clock, which tells no time of day.
    const auto files = list_files(kRoot / "src");
    ASSERT_TRUE(files);
    for (const std::string& file : *files) {
        if (!file.ends_with(".cpp") && !file.ends_with(".h")) continue;
        if (file == "base/clock.cpp" || file.ends_with("_test.cpp")) continue;
        const std::string content = content_of(kRoot / "src" / file);
        EXPECT_EQ(content.find("system_clock::now"), std::string::npos) << file;
        EXPECT_EQ(content.find("std::time("), std::string::npos) << file;
    }
}

}  // namespace
}  // namespace madang
