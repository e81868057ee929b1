// In which encoding an XML text is written: Extensible Markup Language 1.0, clause 4.3.3 and appendix F.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace madang::xml {

// The text in UTF-8, without a byte order mark; read again it is the same. UTF-8, UTF-16 of either order and ISO-8859-1 are read, by mark, by the
// first bytes or by the declaration. Fails with Code::invalid on another encoding and on what does not keep its own.
Result<std::string> in_utf8(std::string_view bytes, std::string_view name);

}  // namespace madang::xml
