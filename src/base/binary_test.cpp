#include "base/binary.h"

#include <gtest/gtest.h>

namespace madang {
namespace {

TEST(Binary, WhatIsWrittenIsReadAgain) {
    BinaryWriter out;
    out.put(std::uint16_t{0x0102});
    out.put_text("seven");
    out.put(-2.5);
    const std::string bytes = out.bytes();
    EXPECT_EQ(bytes.substr(0, 2), "\x02\x01") << "the low byte first";
    BinaryReader in(bytes);
    EXPECT_EQ(*in.take<std::uint16_t>(), 0x0102);
    EXPECT_EQ(*in.take_text(5), "seven");
    EXPECT_EQ(*in.take<double>(), -2.5);
    EXPECT_TRUE(in.at_end());
    EXPECT_EQ(in.take<std::uint8_t>().error().code, Code::corrupted);
}

TEST(Binary, ALengthThatIsTooLargeIsRefused) {
    BinaryWriter out;
    out.put(UINT64_MAX);
    out.put_text("x");
    EXPECT_EQ(BinaryReader(out.bytes()).take_text(UINT64_MAX).error().code, Code::corrupted);
    BinaryWriter longer;
    longer.put_text("seven");
    EXPECT_EQ(BinaryReader(longer.bytes()).take_text(4).error().code, Code::corrupted);
    EXPECT_EQ(BinaryReader(std::string_view(longer.bytes()).substr(0, 9)).take_text(5).error().code, Code::corrupted);
}

TEST(Binary, HashesAsFnvDoes) {
    EXPECT_EQ(fnv1a(""), 0xcbf29ce484222325U);
    EXPECT_EQ(fnv1a("a"), 0xaf63dc4c8601ec8cU);
}

}  // namespace
}  // namespace madang
