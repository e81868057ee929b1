// The words of casework, built into the program.
#pragma once

#include <span>

#include "base/embedded_file.h"

namespace madang::casework {

std::span<const EmbeddedFile> embedded_files();

}  // namespace madang::casework
