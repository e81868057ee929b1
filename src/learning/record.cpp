#include "learning/record.h"

#include <algorithm>

#include "base/text.h"
#include "learning/http_features.h"

namespace madang::learning {
namespace {

constexpr std::size_t kMaxLabel = 100;   // bytes

// A comma or a line's end would move the columns; no category of a file holds them.
void add_category(std::string& line, std::string_view value) {
    for (const char c : value) line += c == ',' || static_cast<unsigned char>(c) < 0x20U ? '_' : c;
}

}  // namespace

RecordReader::RecordReader(const Protocol& protocol, const Features& features) : protocol_(protocol), features_(features), number_at_(protocol.columns.size()) {
    for (std::size_t i = 0; i < features.size(); ++i) {
        if (protocol.format == Protocol::Format::csv && features.all[i].category.empty()) number_at_[features.all[i].column] = i;
    }
}

Result<std::optional<Record>> RecordReader::read(const ValueOf& value_of) const {
    if (protocol_.format == Protocol::Format::http) return read_request(value_of);
    return read_columns(value_of);
}

Result<std::optional<Record>> RecordReader::read_columns(const ValueOf& value_of) const {
    Record record;
    for (std::size_t i = 0; i < protocol_.columns.size(); ++i) {
        const Column& column = protocol_.columns[i];
        if (i > 0) record.line += ',';
        if (column.kind == Column::Kind::label || column.kind == Column::Kind::ignored) continue;
        const auto value = value_of(column.name);
        if (!value) return std::optional<Record>();
        // Only what has the first column is worth the memory.
        if (record.row.empty()) record.row.assign(features_.size(), 0.0F);
        if (column.kind == Column::Kind::number) {
            float number = 0;
            if (!read_number(*value, number)) return fail(Code::invalid, format("{} is no number", column.name));
            record.row[number_at_[i]] = number;
            record.line += trim(*value);
        } else {
            const auto found = features_.of_column[i].find(*value);
            if (found != features_.of_column[i].end()) record.row[found->second] = 1.0F;
            add_category(record.line, *value);
        }
        if (record.line.size() > kMaxRecordBytes) return fail(Code::invalid, format("a record of more than {} bytes", kMaxRecordBytes));
    }
    return record;
}

std::optional<Record> RecordReader::read_request(const ValueOf& value_of) const {
    const auto target = value_of("target");
    if (!target || target->empty()) return std::nullopt;
    HttpRequest request;
    request.method = value_of("method").value_or("GET").substr(0, 32);
    request.target = target->substr(0, kMaxRecordBytes);
    request.body = value_of("body").value_or("").substr(0, kMaxRecordBytes);
    for (std::string* text : {&request.method, &request.target, &request.body}) {
        if (!is_utf8(*text)) std::ranges::replace_if(*text, [](char c) { return static_cast<unsigned char>(c) >= 0x80U; }, '?');
    }
    const auto made = http_features(request);
    Record record;
    record.row.assign(made.begin(), made.end());
    record.line = json::serialize(json::value{{"method", request.method}, {"target", request.target}, {"body", request.body}});
    // A file cannot hold it, so that nobody can label it; it is judged all the same.
    if (record.line.size() + kMaxLabel > kMaxRecordBytes) record.line.clear();
    return record;
}

Result<std::string> labelled(const Protocol& protocol, std::string_view line, std::string_view label) {
    const bool plain = !label.empty() && label.size() <= kMaxLabel && is_utf8(label) && !label.ends_with('.') &&
                       std::ranges::none_of(label, [](char c) { return c == ',' || c == ' ' || static_cast<unsigned char>(c) < 0x20U; });
    if (!plain) return fail(Code::invalid, format("a type has 1 to {} bytes, without blanks and commas, and no full stop at its end", kMaxLabel));
    std::string made;
    if (protocol.format == Protocol::Format::http) {
        TRY(json::value value, parse_json(line));
        if (!value.is_object()) return fail(Code::invalid, "a request is an object");
        value.as_object()["label"] = label;
        TRY(const LabelledRequest given, parse_labelled_request(json::serialize(value)));
        made = json::serialize(json::value{{"method", given.request.method}, {"target", given.request.target}, {"body", given.request.body}, {"label", label}});
    } else {
        const auto cells = split(line, ',');
        for (std::size_t i = 0; i < cells.size(); ++i) {
            if (i > 0) made += ',';
            const Column::Kind kind = i < protocol.columns.size() ? protocol.columns[i].kind : Column::Kind::category;
            float number = 0;
            if (kind == Column::Kind::label) made += label;
            else if (kind == Column::Kind::number && read_number(cells[i], number)) made += format("{}", number);
            else if (kind != Column::Kind::ignored) made += cells[i];
        }
    }
    // Whether it can be read is asked of the reader of files.
    TableReader reader(protocol);
    TRY_DO(reader.read_text(made, "the record"));
    TRY(const TableReader::Made read, reader.finish());
    if (read.table.rows() != 1) return fail(Code::invalid, "one record is one line");
    return made;
}

}  // namespace madang::learning
