// What a person asks of the spool: an expression of FEEL over the fields of an event.
//
//   EventID = 4688 and contains(CommandLine, "-enc")
//   `cs-method` = "POST" and number(`sc-status`) >= 500
//
// A field is a text; one whose whole value is written as a number is that number. A name with other signs than letters, digits
// and _ stands between ` signs; a name with dots need not: user.name. A field that an event has several times is a list.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "feel/expression.h"
#include "security/event.h"
#include "security/spool.h"

namespace madang::security {

class SpoolHunt {
public:
    // Fails with Code::invalid and "line L, column C: …".
    static Result<SpoolHunt> compile(std::string_view expression);

    // False also where the answer is null: the event has no such field, or one of another type.
    bool fits(const Event& event) const;
    // What the lines of all that fits hold, so that other lines need not be read. `more`: events get further fields before they are
    // asked, whose values stand in their lines.
    enum class EventFields { of_lines, more };
    void narrow(SpoolQuery& query, EventFields fields = EventFields::of_lines) const;
    const std::vector<std::string>& fields() const { return fields_; }

private:
    SpoolHunt(feel::Expression expression, std::vector<std::string> names, std::vector<std::string> fields)
        : expression_(std::move(expression)), names_(std::move(names)), fields_(std::move(fields)) {}

    feel::Expression expression_;
    std::vector<std::string> names_;    // as the expression spells them
    std::vector<std::string> fields_;   // of events, by place
};

}  // namespace madang::security
