// A BPMN file read and written again whole: comments, extensions and the pictures of any editor stay.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace madang::process {

enum class Layout {
    as_it_stands,   // the Canonical XML 1.0 of what is written is that of what was read
    indented,       // blanks between elements are set anew; texts, and what others have added, stay as they are
};

// In UTF-8, whatever the file was in. Fails with Code::invalid on what is no BPMN file and Code::exhausted beyond the limits of
// base/xml.h; Code::corrupted would be a loss of ours: what is written is read again and compared.
Result<std::string> rewrite_bpmn(std::string_view xml, std::string_view name, Layout layout = Layout::as_it_stands);

}  // namespace madang::process
