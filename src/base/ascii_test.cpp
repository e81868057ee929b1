#include "base/ascii.h"

#include <gtest/gtest.h>

#include "base/bytes.h"
#include "base/random.h"
#include "base/text.h"

namespace madang {
namespace {

// Texts of every length around a word, of bytes that stand next to those that matter.
std::string drawn(SeededRandom& dice) {
    constexpr char bytes[] = {'\0', '\1', '\x1F', ' ', '!', '"', '#', '[', '\\', ']', '@', 'A', 'Z', '`', 'a', 'z', '{', '\x7F', '\x80', '\x81', '\xC3', '\xA9', '\xFF'};
    std::string text;
    for (std::uint64_t left = dice.below(40); left > 0; --left) text += dice.below(4) == 0 ? bytes[dice.below(std::size(bytes))] : 'm';
    return text;
}

TEST(Ascii, RunsEndWhereALoopOverBytesEnds) {
    SeededRandom dice(1);
    for (int i = 0; i < 20000; ++i) {
        const std::string text = drawn(dice);
        std::size_t ascii = 0;
        while (ascii < text.size() && static_cast<unsigned char>(text[ascii]) < 0x80) ++ascii;
        ASSERT_EQ(ascii_run(text), ascii) << hex(as_bytes(std::string_view(text)));
        std::size_t plain = 0;
        while (plain < text.size() && text[plain] != '"' && text[plain] != '\\' && static_cast<unsigned char>(text[plain]) >= 0x20) ++plain;
        ASSERT_EQ(json_plain_run(text), plain) << hex(as_bytes(std::string_view(text)));
    }
}

TEST(Ascii, LettersAreLoweredAsFoldCaseDoes) {
    SeededRandom dice(2);
    for (int i = 0; i < 20000; ++i) {
        const std::string text = drawn(dice);
        std::string lowered = "X";
        const bool done = append_lowered_ascii(lowered, text);
        ASSERT_EQ(done, ascii_run(text) == text.size());
        if (done) {
            ASSERT_EQ(lowered, "X" + fold_case(text)) << hex(as_bytes(std::string_view(text)));
        }
    }
}

}  // namespace
}  // namespace madang
