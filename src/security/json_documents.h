// JSON that is not one object a line: objects over several lines, one behind the other, in arrays, or in {"Records": [ … ]}, as
// exports and clouds write them. Each object is an event; the stream goes on behind what is damaged.
//
//   JsonDocuments documents;
//   documents.feed(bytes, [](const Event& event) { … });
//   documents.finish([](const Event& event) { … });
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "security/event.h"
#include "security/event_lines.h"

namespace madang::security {

struct DocumentLimits {
    std::size_t document = 8U << 20;   // bytes
    std::size_t depth = 64;            // of nesting
};

// Whether what starts so is such JSON, and not JSON lines.
bool are_json_documents(std::string_view start);

class JsonDocuments {
public:
    using Use = std::function<void(const Event&)>;

    explicit JsonDocuments(DocumentLimits limits = {}) : limits_(limits) {}

    // Any part of the stream; `use` is called for each object that is whole by now.
    void feed(std::string_view bytes, const Use& use);
    void finish(const Use& use);

    // While `use` is called: the object as it was written, over one line or several.
    std::string_view text() const { return text_; }
    // Likewise: the line in which the object begins, from 1.
    std::uint64_t line() const { return begun_at_; }
    // `lines` counts objects, `bad_lines` those that were passed over.
    const LineCounts& counts() const { return counts_; }
    // "line 17: …", the first EventLines::kMaxProblems.
    const std::vector<std::string>& problems() const { return problems_; }

private:
    enum class Mode { between, within, skipping };
    void take(char c, const Use& use);
    void take_between(char c);
    void take_within(char c, const Use& use);
    bool fits_here(char c) const;
    void begin();
    void end_value(const Use& use);
    void refuse(std::string_view why, char c);

    DocumentLimits limits_;
    Mode mode_ = Mode::between;
    std::string text_;              // of the object that has begun
    std::string open_;              // its open brackets, the innermost last
    char last_ = '\0';              // its last character that is no blank, '"' for the end of a text
    bool in_text_ = false, escaped_ = false;
    bool wrapped_ = false;         // in the array of a wrapper, or behind it
    bool line_begins_ = true;       // only blanks stand before this character in its line
    std::size_t indent_ = 0, begun_indent_ = 0;   // blanks before what stands in this line, and before the object
    std::uint64_t line_ = 1, begun_at_ = 1;
    Event event_;
    LineCounts counts_;
    std::vector<std::string> problems_;
};

}  // namespace madang::security
