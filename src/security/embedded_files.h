// Data files of the room, built into the program.
#pragma once

#include <span>

#include "base/embedded_file.h"

namespace madang::security {

std::span<const EmbeddedFile> embedded_files();

}  // namespace madang::security
