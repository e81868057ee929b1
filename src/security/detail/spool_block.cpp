#include "security/detail/spool_block.h"

#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <unordered_map>

#include "base/text.h"
#include "security/event.h"

namespace madang::security {
namespace {

constexpr int kFilterHashes = 4;
constexpr std::size_t kLongestIndexed = 19;               // letters of the longest of them

constexpr std::array<std::string_view, 24> kIndexed{"EventID", "Channel", "Computer", "Provider_Name", "User", "TargetUserName", "SubjectUserName", "LogonType", "IpAddress", "Image", "ParentImage", "DestinationIp",
                                                    "DestinationHostname", "QueryName", "hostname", "app_name", "c-ip", "cs-username", "sc-status", "src_ip", "dest_ip", "type", "event_type", "Hashes"};

std::uint64_t hash_of_value(std::size_t field, std::string_view value) {
    std::uint64_t hash = 0xcbf29ce484222325U ^ (field * 0x9e3779b97f4a7c15U);
    for (const char c : value) {
        const auto small = static_cast<unsigned char>(c >= 'A' && c <= 'Z' ? c + 32 : c);
        hash = (hash ^ small) * 0x100000001b3U;
    }
    return hash ^ (hash >> 29U);
}

template <class Each>
void each_bit(std::uint64_t hash, const Each& each) {
    const std::uint64_t step = (hash >> 32U) | 1U;
    for (int i = 0; i < kFilterHashes; ++i) each((hash + static_cast<std::uint64_t>(i) * step) % (kSpoolFilterBytes * 8));
}

Result<void> parse_it(LineFormat format, std::string_view line, Event& event) {
    switch (format) {
        case LineFormat::json: return parse_json_line(line, {}, event);
        case LineFormat::syslog: return parse_syslog_line(line, event);
        case LineFormat::web_access: return parse_web_access_line(line, event);
        case LineFormat::web_error: return parse_web_error_line(line, event);
        case LineFormat::audit: return parse_audit_line(line, event);
        case LineFormat::zeek: break;   // a line without its head says nothing; it is kept as JSON
    }
    return fail(Code::invalid, "column 1: a format that has no lines of its own");
}

template <class Number>
void put(std::string& out, Number number) {
    std::array<char, sizeof(Number)> bytes{};
    std::memcpy(bytes.data(), &number, sizeof(Number));
    out.append(bytes.data(), bytes.size());
}

template <class Number>
bool take(std::string_view& in, Number& number) {
    if (in.size() < sizeof(Number)) return false;
    std::memcpy(&number, in.data(), sizeof(Number));
    in.remove_prefix(sizeof(Number));
    return true;
}

bool take_text(std::string_view& in, std::size_t size, std::string_view& text) {
    if (in.size() < size) return false;
    text = in.substr(0, size);
    in.remove_prefix(size);
    return true;
}

}  // namespace

Result<void> parse_record(const SpoolRecord& record, Event& event) {
    return is_utf8(record.line) ? parse_it(record.format, record.line, event) : parse_it(record.format, mended_utf8(record.line), event);
}

std::span<const std::string_view> indexed_fields() { return kIndexed; }

std::uint64_t spool_hash(const void* data, std::size_t size) {
    std::uint64_t hash = 0xcbf29ce484222325U;
    const auto* bytes = static_cast<const unsigned char*>(data);
    for (std::size_t i = 0; i < size; ++i) hash = (hash ^ bytes[i]) * 0x100000001b3U;
    return hash;
}

std::uint64_t spool_hash(const SpoolBlockHeader& header) { return spool_hash(&header, offsetof(SpoolBlockHeader, header_hash)); }

std::string name_of_segment(std::uint64_t number) { return format("{:012}.seg", number); }

Result<void> spool_problem(const Path& path) { return fail(errno == ENOSPC || errno == EDQUOT ? Code::exhausted : Code::unavailable, format("{}: {}", path.string(), std::strerror(errno))); }

std::optional<std::size_t> indexed_place(std::string_view name) {
    static const std::unordered_map<std::string, std::size_t> places = [] {
        std::unordered_map<std::string, std::size_t> all;
        for (std::size_t i = 0; i < kIndexed.size(); ++i) all.emplace(to_lower(kIndexed[i]), i);
        return all;
    }();
    if (name.size() > kLongestIndexed) return std::nullopt;
    const auto found = places.find(to_lower(name));
    return found == places.end() ? std::nullopt : std::optional(found->second);
}

void add_to_filter(SpoolFilter& filter, const SpoolRecord& record, Event& event) {
    event.clear();
    (void)parse_record(record, event);   // what was read before a mistake counts
    for (std::size_t i = 0; i < event.size(); ++i) {
        const EventField field = event.at(i);
        if (field.null) continue;
        const auto place = indexed_place(field.name);
        if (!place) continue;
        each_bit(hash_of_value(*place, field.value), [&](std::uint64_t bit) { filter[bit / 8] |= static_cast<std::uint8_t>(1U << (bit % 8)); });
    }
}

bool may_hold(const std::uint8_t* filter, std::size_t field, std::string_view value) {
    bool all = true;
    each_bit(hash_of_value(field, value), [&](std::uint64_t bit) { all = all && (filter[bit / 8] & (1U << (bit % 8))) != 0; });
    return all;
}

bool is_written_otherwise(const SpoolRecord& record) {
    return record.format == LineFormat::audit || (record.format == LineFormat::json && record.line.find("\\u00") != std::string_view::npos);
}

// time i64, format u8, length of source u8, length of line u32, source, line
void put_record(std::string& raw, const SpoolRecord& record) {
    put(raw, static_cast<std::int64_t>(record.at.time_since_epoch().count()));
    put(raw, static_cast<std::uint8_t>(record.format));
    put(raw, static_cast<std::uint8_t>(record.source.size()));
    put(raw, static_cast<std::uint32_t>(record.line.size()));
    raw += record.source;
    raw += record.line;
}

bool take_record(std::string_view& raw, SpoolRecord& record) {
    std::int64_t at = 0;
    std::uint8_t format = 0;
    std::uint8_t source = 0;
    std::uint32_t line = 0;
    if (!take(raw, at) || !take(raw, format) || !take(raw, source) || !take(raw, line) || format >= static_cast<std::uint8_t>(LineFormat::zeek)) return false;
    record.at = Instant(std::chrono::microseconds(at));
    record.format = static_cast<LineFormat>(format);
    return take_text(raw, source, record.source) && take_text(raw, line, record.line);
}

Spool::Segment::~Segment() {
    if (file >= 0) ::close(file);
}

bool Spool::BlockReader::read(const Segment& segment, const Block& block) {
    packed_.resize(kSpoolFilterBytes + block.header.packed);
    const bool whole = ::pread(segment.file, packed_.data(), packed_.size(), static_cast<off_t>(block.at)) == static_cast<ssize_t>(packed_.size());
    return whole && spool_hash(filter(), kSpoolFilterBytes) == block.header.filter_hash;
}

std::optional<std::string_view> Spool::BlockReader::unpack(const Block& block) {
    raw_.resize(block.header.raw);
    const std::size_t size = ZSTD_decompressDCtx(context_.get(), raw_.data(), raw_.size(), packed_.data() + kSpoolFilterBytes, block.header.packed);
    if (ZSTD_isError(size) != 0 || size != raw_.size()) return std::nullopt;
    return raw_;
}

}  // namespace madang::security
