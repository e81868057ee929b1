// One value of an event log, as its bytes in the log: MS-EVEN6 2.2.12.3 (the types of BinXML). It is turned into
// text or JSON where that is asked for, since most values of most events never are.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/json.h"

namespace madang::security {

enum class EvtxType : std::uint8_t {
    null = 0x00,
    string = 0x01,       // UTF-16LE
    ansi = 0x02,         // in a code page that the log does not name
    int8 = 0x03,
    uint8 = 0x04,
    int16 = 0x05,
    uint16 = 0x06,
    int32 = 0x07,
    uint32 = 0x08,
    int64 = 0x09,
    uint64 = 0x0a,
    float32 = 0x0b,
    float64 = 0x0c,
    boolean = 0x0d,
    binary = 0x0e,
    guid = 0x0f,
    size = 0x10,         // of 32 or 64 bits
    file_time = 0x11,    // 100 ns since 1601
    system_time = 0x12,  // year, month, weekday, day, hour, minute, second, millisecond
    sid = 0x13,
    hex32 = 0x14,
    hex64 = 0x15,
    handle = 0x20,
    binxml = 0x21,
    evt_xml = 0x23,      // UTF-16LE
};

struct EvtxValue {
    EvtxType type = EvtxType::null;
    bool array = false;       // several values of that type, one after the other
    std::string_view bytes;   // in the log

    bool is_null() const { return type == EvtxType::null || (bytes.empty() && type != EvtxType::string); }
};

// Adds the value as Windows shows it: numbers in decimal, HexInt as "0x1f", GUIDs in capitals without braces,
// moments as "2025-11-27T07:40:10.165324Z", bytes as capital hex, the values of an array with ", " between.
// Bytes that do not fit the type are shown as hex: a reader of evidence leaves nothing out.
void append_text(const EvtxValue& value, std::string& out);

// The same with numbers and truth values as such, null as null and arrays as arrays.
json::value to_json(const EvtxValue& value);

// The values of an array, one by one; of another value, itself.
std::vector<EvtxValue> elements_of(const EvtxValue& value);

// FILETIME, cut to microseconds. What lies beyond the year 9999 is taken for its last microsecond.
Instant instant_of_file_time(std::uint64_t ticks);

}  // namespace madang::security
