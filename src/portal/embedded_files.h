// Templates, the style sheet and the catalogues of the portal, built into the program (cmake/embed.cmake).
#pragma once

#include <span>
#include <string_view>

namespace madang::portal {

struct EmbeddedFile {
    std::string_view name;      // "home.html", "portal.css", "be.po"
    std::string_view content;
};

std::span<const EmbeddedFile> embedded_files();

}  // namespace madang::portal
