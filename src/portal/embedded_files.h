// Templates, the style sheet and the catalogues of the portal, built into the program.
#pragma once

#include <span>

#include "base/embedded_file.h"

namespace madang::portal {

std::span<const EmbeddedFile> embedded_files();

}  // namespace madang::portal
