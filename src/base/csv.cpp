#include "base/csv.h"

#include "base/text.h"

namespace madang {
namespace {

class Parser {
public:
    Parser(std::string_view text, std::string_view name, const CsvLimits& limits) : text_(text), name_(name), limits_(limits) {}

    Result<std::vector<CsvRow>> all() {
        while (at_ < text_.size()) {
            const std::size_t begins = line_;
            CsvRow row;
            TRY_DO(read_row(row));
            if (row.size() == 1 && row.front().empty()) continue;
            if (!rows_.empty() && row.size() != rows_.front().size()) {
                return fail(Code::invalid, format("{}:{}: {} columns, where the first row has {}", name_, begins, row.size(), rows_.front().size()));
            }
            if (rows_.size() == limits_.rows) return fail(Code::exhausted, format("{}:{}: more than {} rows", name_, begins, limits_.rows));
            rows_.push_back(std::move(row));
        }
        return std::move(rows_);
    }

private:
    Result<void> read_row(CsvRow& row) {
        for (;;) {
            if (row.size() == limits_.columns) return fail(Code::exhausted, format("{}:{}: more than {} columns", name_, line_, limits_.columns));
            TRY(std::string cell, at_ < text_.size() && text_[at_] == '"' ? quoted() : plain());
            row.push_back(std::move(cell));
            if (at_ < text_.size() && text_[at_] == ',') {
                ++at_;
                continue;
            }
            if (at_ < text_.size() && text_[at_] == '\r') ++at_;
            if (at_ < text_.size() && text_[at_] == '\n') ++at_;
            ++line_;
            return {};
        }
    }

    Result<std::string> plain() {
        const std::size_t end = std::min(text_.find_first_of(",\r\n", at_), text_.size());
        std::string cell(text_.substr(at_, end - at_));
        at_ = end;
        return cell;
    }

    Result<std::string> quoted() {
        const std::size_t begins = line_;
        std::string cell;
        for (++at_; at_ < text_.size(); ++at_) {
            if (text_[at_] == '\n') ++line_;
            if (text_[at_] != '"') {
                cell += text_[at_];
            } else if (at_ + 1 < text_.size() && text_[at_ + 1] == '"') {
                cell += text_[++at_];
            } else {
                ++at_;
                if (at_ < text_.size() && !std::string_view(",\r\n").contains(text_[at_])) {
                    return fail(Code::invalid, format("{}:{}: text stands after a closing quote", name_, line_));
                }
                return cell;
            }
        }
        return fail(Code::invalid, format("{}:{}: this quote is never closed", name_, begins));
    }

    std::string_view text_;
    std::string_view name_;
    const CsvLimits& limits_;
    std::size_t at_ = 0;
    std::size_t line_ = 1;
    std::vector<CsvRow> rows_;
};

}  // namespace

Result<std::vector<CsvRow>> parse_csv(std::string_view text, std::string_view name, const CsvLimits& limits) {
    if (text.size() > limits.bytes) return fail(Code::exhausted, format("{}: {} bytes; at most {} are read", name, text.size(), limits.bytes));
    if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
    if (!is_utf8(text)) return fail(Code::invalid, format("{}: the text is not UTF-8", name));
    return Parser(text, name, limits).all();
}

std::string csv_line(const CsvRow& row) {
    std::string line;
    for (const std::string& cell : row) {
        if (!line.empty() || &cell != &row.front()) line += ',';
        const bool formula = !cell.empty() && std::string_view("=+-@\t\r").contains(cell.front());
        const bool quote = formula || cell.find_first_of(",\"\r\n") != std::string::npos;
        if (quote) line += '"';
        if (formula) line += '\'';
        for (const char c : cell) {
            if (c == '"') line += '"';
            line += c;
        }
        if (quote) line += '"';
    }
    return line + "\r\n";
}

}  // namespace madang
