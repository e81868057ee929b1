#include "ledger/tile.h"

#include <gtest/gtest.h>

namespace madang::ledger {
namespace {

TEST(TilePath, HasOneSpelling) {
    const std::pair<const char*, TilePath> cases[] = {
        {"tile/0/000", {0U, 0, 256}},
        {"tile/3/999.p/255", {3U, 999, 255}},
        {"tile/63/x001/000", {63U, 1000, 256}},
        {"tile/0/x001/x234/067", {0U, 1'234'067, 256}},
        {"tile/entries/x001/x234/067.p/1", {std::nullopt, 1'234'067, 1}},
        {"tile/entries/000", {std::nullopt, 0, 256}}};
    for (const auto& [text, path] : cases) {
        EXPECT_EQ(parse_tile_path(text), path) << text;
        EXPECT_EQ(format_tile_path(path), text);
    }
    for (const char* bad : {"", "tile", "tile/", "tile/0", "tile/0/", "tile/0/0", "tile/0/0000", "tile/64/000", "tile/00/000", "tile/-1/000",
                            "tile/0/000/", "tile/0/x000/000", "tile/0/001/000", "tile/0/x001", "tile/0/000.p/", "tile/0/000.p/0", "tile/0/000.p/256",
                            "tile/0/000.p/01", "tile/0/000.p/1/", "tile/0/000.p", "tile/x/000", "/tile/0/000", "tile/0/../000", "tile/entries/",
                            "tile/0/x999/x999/x999/x999/x999/x999/999", "tile/0/000.p/1.p/1", "checkpoint"}) {
        EXPECT_EQ(parse_tile_path(bad).error().code, Code::invalid) << bad;
    }
}

TEST(TileWidth, FollowsTheExamplesOfTheSpecification) {
    EXPECT_EQ(tile_width(70'000, 0, 272), 256U);
    EXPECT_EQ(tile_width(70'000, 0, 273), 112U);
    EXPECT_EQ(tile_width(70'000, 0, 274), 0U);
    EXPECT_EQ(tile_width(70'000, 1, 1), 17U);
    EXPECT_EQ(tile_width(70'000, 2, 0), 1U);
    EXPECT_EQ(tile_width(256, 1, 0), 1U);
    EXPECT_EQ(tile_width(0, 0, 0), 0U);
    EXPECT_EQ(tile_width(UINT64_MAX, 63, 0), 0U);
}

TEST(Bundle, IsReadWhole) {
    std::string bundle;
    append_entry(bundle, "a");
    append_entry(bundle, "");
    append_entry(bundle, std::string(65'535, 'x'));
    const auto entries = parse_bundle(bundle, 3);
    ASSERT_TRUE(entries);
    EXPECT_EQ((*entries)[0], "a");
    EXPECT_EQ((*entries)[1], "");
    EXPECT_EQ((*entries)[2].size(), 65'535U);
    EXPECT_FALSE(parse_bundle(bundle, 2));
    EXPECT_FALSE(parse_bundle(bundle, 4));
    EXPECT_FALSE(parse_bundle(std::string_view(bundle).substr(0, bundle.size() - 1), 3));
    EXPECT_FALSE(parse_tile(Bytes(33), 1));
}

}  // namespace
}  // namespace madang::ledger
