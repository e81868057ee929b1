// How pages speak of work that failed for a case.
#pragma once

#include "portal/detail/house.h"

namespace madang::portal {

std::string work_text(const Visit& visit, casework::Work work);

}  // namespace madang::portal
