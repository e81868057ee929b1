#include "documents/letter.h"

#include <gmock/gmock.h>

#include "base/time_text.h"

namespace madang::documents {
namespace {

Letter letter() {
    return {.language = "be",
            .issuer = "Цэнтр «Маладзечна»\nМаладзечна, вуліца Прытыцкага, 1",
            .title = "Рашэнне па вашай заяве",
            .number = "23 лістапада 2026 г. · заява № 7K2M-9QXR-4TBD",
            .identifier = "7K2M-9QXR-4TBD",
            .blocks = {{.text = "Па вашай заяве адмоўлена.", .kind = LetterBlock::Kind::strong},
                       {.rows = {{"Паслуга", "Даведка"}, {"Прычына", "Няма дакумента."}}},
                       {.text = "Вы можаце падаць скаргу."},
                       {.text = "SHA-256", .kind = LetterBlock::Kind::quiet}},
            .made_at = *parse_instant("2026-11-23T09:00:00Z")};
}

TEST(RenderLetter, GivesTheSameBytesForTheSameLetter) {
    const auto first = render_letter(letter());
    ASSERT_TRUE(first) << first.error().message;
    EXPECT_EQ(*first, *render_letter(letter()));
    EXPECT_THAT(as_text(*first), testing::StartsWith("%PDF-"));

}

TEST(RenderLetter, GoesOnOverPagesAndSaysWhereItIsTooLong) {
    Letter longer = letter();
    for (int i = 0; i < 60; ++i) longer.blocks.push_back({.text = "Яшчэ адзін абзац з прычынамі, даволі доўгі, каб заняць радок ці два на старонцы ліста і пайсці далей."});
    EXPECT_TRUE(render_letter(longer));
    for (int i = 0; i < 200; ++i) longer.blocks.push_back({.text = "І яшчэ."});
    EXPECT_EQ(render_letter(longer).error().code, Code::invalid);
}

}  // namespace
}  // namespace madang::documents
