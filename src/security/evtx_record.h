// An event as its log holds it: the elements, attributes and texts in their order, each with the number of its
// place (evtx_paths.h) and its value. Values view the bytes of the log.
#pragma once

#include <cstdint>
#include <span>

#include "base/clock.h"
#include "base/json.h"
#include "security/evtx_paths.h"
#include "security/evtx_value.h"

namespace madang::security {

enum class EvtxPart : std::uint8_t {
    element,    // it starts here; it ends where an item of another branch follows
    attribute,  // several in a row with one path are pieces of one value
    text,       // of the element whose path it has; likewise
};

// <Data Name="Image">…</Data> has the path Event/EventData/Image, as the tools around Sigma have it.
struct EvtxItem {
    std::uint32_t path = EvtxPaths::kRoot;
    EvtxPart part = EvtxPart::element;
    EvtxValue value;
};

struct EvtxRecord {
    std::uint64_t id = 0;
    Instant written;
    std::uint64_t offset = 0;  // in the log, of the record
    std::span<const EvtxItem> items;  // until the reader goes on
};

// {"Event": {"#attributes": {…}, "System": {…, "EventID": 4688}, "EventData": {"Image": "…"}}}: an element without
// content is null, one with text only that text, one with attributes an object with "#attributes" and "#text".
// Unnamed <Data> elements beside each other become {"Data": {"#text": ["…", "…"]}}; other namesakes get "_1", "_2".
json::object evtx_json(const EvtxPaths& paths, const EvtxRecord& record);

}  // namespace madang::security
