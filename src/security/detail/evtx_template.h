// BinXML (MS-EVEN6 2.2.12) as steps: an element starts, an attribute, a text, a place for a value. Templates are
// turned into steps once for each chunk; what is not in a template, once for each record.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "security/evtx_paths.h"

namespace madang::security {

struct EvtxStep {
    enum class Kind : std::uint8_t {
        open,          // an element named `name`
        open_named_by, // <Data Name="%index">, or `name` where that value is empty
        close,
        attribute,     // named `name`; the texts and values up to the next that is not in_attribute are its value
        text,          // `text`, UTF-16LE
        value,         // the value number `index`
        instance,      // of a template, at `offset` of the chunk
    };
    Kind kind = Kind::close;
    bool in_attribute = false;
    std::uint16_t index = 0;
    std::uint32_t name = 0;
    std::uint32_t offset = 0;
    // The path that this step led to last, from where: nearly always the same again.
    std::uint32_t last_parent = EvtxPaths::kNone;
    std::uint32_t last_path = EvtxPaths::kNone;
    std::string_view text;
};

// What hostile bytes may cost, over one chunk: a real one stays far below.
struct EvtxBudget {
    std::size_t steps = 1U << 18;        // made or taken
    std::size_t kept_steps = 1U << 17;   // of templates
    std::size_t value_bytes = 4U << 20;  // of items

    bool spend(std::size_t EvtxBudget::*what, std::size_t amount) {
        if (this->*what < amount) return false;
        this->*what -= amount;
        return true;
    }
};

// Why and where in the chunk something cannot be read; no reason means that all is well.
struct EvtxTrouble {
    const char* reason = nullptr;
    std::size_t offset = 0;
};

enum class EvtxContext : std::uint8_t { in_template, outside };

// Steps for the BinXML from `begin` to `end` of the chunk, added to `steps`: elements balanced, at most kMaxEvtxDepth deep.
EvtxTrouble compile_evtx(std::string_view chunk, std::size_t begin, std::size_t end, EvtxContext context, EvtxPaths& paths,
                         EvtxBudget& budget, std::vector<EvtxStep>& steps);

// Where the values of the template instance at `offset` (behind its token) start, and its definition.
struct EvtxInstance {
    std::size_t definition = 0;
    std::size_t values = 0;
};
EvtxTrouble read_evtx_instance(std::string_view chunk, std::size_t offset, std::size_t end, EvtxInstance& instance);

}  // namespace madang::security
