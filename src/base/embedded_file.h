// A file that is built into the program (cmake/embed.cmake).
#pragma once

#include <string_view>

namespace madang {

struct EmbeddedFile {
    std::string_view name;      // "home.html"
    std::string_view content;
};

}  // namespace madang
