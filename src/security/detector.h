// Logs from files, and what rules find in them.
#pragma once

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "base/file.h"
#include "base/result.h"
#include "security/event_lines.h"
#include "security/sigma_program.h"

namespace madang::security {

// A log that the event is from, as far as its form tells.
enum class LogForm { evtx, json, json_documents, syslog, web_error, web_access, audit, zeek };
LogForm form_of(std::string_view start);
// What the form and the fields of an event add to what the user knows of where it came from.
LogOrigin origin_of(const Event& event, LineFormat format, const LogOrigin& given);

struct LogCounts {
    std::uint64_t events = 0;
    std::uint64_t passed_over = 0;       // damaged records or lines
    std::uint64_t bytes = 0;
};

class Detector {
public:
    explicit Detector(const SigmaProgram& program) : program_(program), run_(program) {}

    struct Found {
        const SigmaRule& rule;
        std::uint32_t number;            // of the rule in the program
        const Event& event;
        std::uint64_t record;            // in the file, from 1: of a log of lines the number of the line
        std::vector<std::size_t> fields; // at which the rule looked
    };
    using Use = std::function<void(const Found&)>;

    // Reads a whole log. `given` says what the user knows of it; what the form tells is added.
    Result<LogCounts> read(const Path& path, const LogOrigin& given, const Use& use);
    // The first of what was passed over in the last file.
    const std::vector<std::string>& problems() const { return problems_; }

private:
    void look(const Event& event, const LogOrigin& origin, std::uint64_t record, const Use& use);
    Result<LogCounts> read_evtx(std::string_view bytes, LogOrigin origin, const Use& use);
    Result<void> read_text(std::string_view bytes, const std::function<void(std::string_view)>& feed);
    LogCounts read_documents(std::string_view bytes, const LogOrigin& given, const Use& use);
    LogCounts read_lines(std::string_view bytes, LogForm form, const LogOrigin& given, const Use& use);

    const SigmaProgram& program_;
    SigmaProgram::Run run_;
    std::vector<std::string> problems_;
};

}  // namespace madang::security
