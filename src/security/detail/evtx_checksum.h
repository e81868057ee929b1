// The checksum of event logs: CRC-32 of ISO 3309, fast enough not to be what a reader waits for.
#pragma once

#include <cstdint>
#include <string_view>

namespace madang::security {

// Of `bytes`, going on from the checksum of what came before.
std::uint32_t evtx_checksum(std::string_view bytes, std::uint32_t before = 0);

}  // namespace madang::security
