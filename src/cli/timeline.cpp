#include "cli/timeline.h"

#include <algorithm>
#include <map>
#include <tuple>

#include "base/csv.h"
#include "base/text.h"

namespace madang::cli {
namespace {

using security::SigmaLevel;

constexpr std::size_t kFieldShown = 160;     // code points
constexpr std::size_t kHoursShown = 24 * 60; // bars of the chart at most, else days

std::string shortened(const std::string& text) {
    std::string line = text;
    std::ranges::replace(line, '\n', ' ');
    if (line.size() <= kFieldShown) return line;
    std::size_t end = kFieldShown;
    while (end > 0 && (static_cast<unsigned char>(line[end]) & 0xC0U) == 0x80U) --end;   // not within a character
    return line.substr(0, end) + "…";
}

std::string fields_line(const Finding& one) {
    std::string text;
    for (const auto& [name, value] : one.fields) text += format("{}{}: {}", text.empty() ? "" : "; ", name, shortened(value));
    return text;
}

std::string harmless(std::string text) {
    if (!text.empty() && std::string_view("=+-@\t\r").contains(text.front())) text.insert(text.begin(), '\'');
    return text;
}

// Findings by hour ("2021-03-04T05"), or by day where the hours are too many.
std::map<std::string, std::uint64_t> counts_by_time(const std::vector<Finding>& findings) {
    std::map<std::string, std::uint64_t> counts;
    for (const std::size_t width : {13U, 10U, 7U}) {
        counts.clear();
        for (const Finding& one : findings) {
            if (one.time.size() >= 13 && one.time[4] == '-') ++counts[one.time.substr(0, width)];
        }
        if (counts.size() <= kHoursShown) break;
    }
    return counts;
}

std::string chart(const std::vector<Finding>& findings) {
    const auto counts = counts_by_time(findings);
    if (counts.empty()) return "";
    std::uint64_t most = 1;
    for (const auto& [time, count] : counts) most = std::max(most, count);
    const double step = 900.0 / static_cast<double>(counts.size());
    std::string bars;
    double x = 0;
    for (const auto& [time, count] : counts) {
        const double height = 120.0 * static_cast<double>(count) / static_cast<double>(most);
        bars += format("<rect x=\"{:.1f}\" y=\"{:.1f}\" width=\"{:.1f}\" height=\"{:.1f}\"><title>{}: {}</title></rect>", x, 120.0 - height, std::max(1.0, step - 1), height, time, count);
        x += step;
    }
    return format("<figure><svg viewBox=\"0 0 900 145\" role=\"img\" aria-label=\"Detections over time, {} at most in one hour or day\">{}"
                  "<text x=\"0\" y=\"140\">{}</text><text x=\"900\" y=\"140\" text-anchor=\"end\">{}</text></svg>"
                  "<figcaption>Detections over time; only times at which something was found have a bar, the highest stands for {}.</figcaption></figure>\n",
                  most, bars, counts.begin()->first, counts.rbegin()->first, most);
}

constexpr std::string_view kStyle = R"css(body{font:16px/1.45 system-ui,sans-serif;margin:0 auto;max-width:75rem;padding:1rem;color:#0b0c0c;background:#fff}
h1{font-size:1.6rem}figure{margin:1rem 0}svg{width:100%;height:auto;fill:#00695c}svg text{fill:#0b0c0c;font-size:12px}
table{border-collapse:collapse;width:100%}th,td{text-align:left;vertical-align:top;padding:.4rem .5rem;border-bottom:1px solid #b1b4b6;overflow-wrap:anywhere}
td:nth-child(1),time{white-space:nowrap}.critical,.high{color:#942514;font-weight:700}.medium{color:#6b4a00;font-weight:700}
input{font:inherit;padding:.4rem;width:100%;max-width:30rem;border:2px solid #0b0c0c}input:focus{outline:3px solid #fd0}small{color:#505a5f}
@media(max-width:45rem){thead{display:none}tr,td{display:block;border:0}tr{border-bottom:1px solid #b1b4b6;padding:.5rem 0}td{padding:.1rem 0}}
@media(prefers-color-scheme:dark){body{background:#0b0c0c;color:#f3f2f1}svg text{fill:#f3f2f1}svg{fill:#4db6ac}.critical,.high{color:#ff9d90}.medium{color:#ffd27a}small{color:#b1b4b6}input{background:#0b0c0c;color:#f3f2f1;border-color:#f3f2f1}}
)css";

// Rows that do not hold what was typed are hidden.
constexpr std::string_view kScript = R"js(const search=document.getElementById('search');search.parentElement.hidden=false;
search.addEventListener('input',()=>{const wanted=search.value.toLowerCase();let shown=0;
for(const row of document.querySelectorAll('tbody tr')){const hit=row.textContent.toLowerCase().includes(wanted);row.hidden=!hit;if(hit)shown++}
document.getElementById('shown').textContent=String(shown)});
)js";

// "2021-04-26 09:16:14"; the whole moment stays in the attribute.
std::string time_cell(const std::string& time) {
    if (time.size() < 19 || time[4] != '-' || time[10] != 'T') return escape_markup(time);
    return format("<time datetime=\"{}\">{}<br>{}</time>", escape_markup(time), escape_markup(time.substr(0, 10)), escape_markup(time.substr(11, 8)));
}

std::string row_of(const Finding& one) {
    std::string fields;
    for (const auto& [name, value] : one.fields) fields += format("<div><strong>{}</strong> {}</div>", escape_markup(name), escape_markup(shortened(value)));
    std::string tags;
    for (const std::string& tag : one.tags) tags += (tags.empty() ? "" : ", ") + escape_markup(tag);
    return format("<tr><td class=\"{0}\">{0}</td><td>{1}</td><td>{2}<br><small>{3}{4}{5}</small></td><td>{6}</td><td>{7} #{8}<br><small>{9}</small></td></tr>\n", name_of(one.level),
                  time_cell(one.time), escape_markup(one.title), escape_markup(one.author), one.licence.empty() ? "" : ", " + escape_markup(one.licence),
                  tags.empty() ? "" : "<br>" + tags, fields, escape_markup(one.file), one.record, escape_markup(one.computer));
}

}  // namespace

std::string timeline_table(const std::vector<Finding>& findings) {
    std::string text;
    for (const Finding& one : findings) {
        text += format("{:<27} {:<13} {}\n    {} #{}{}\n", one.time.empty() ? "(no time)" : one.time, name_of(one.level), one.title, one.file, one.record,
                       one.computer.empty() ? "" : ", " + one.computer);
        if (const std::string fields = fields_line(one); !fields.empty()) text += "    " + fields + "\n";
    }
    return text;
}

std::string timeline_csv(const std::vector<Finding>& findings) {
    std::string text = csv_line({"time", "level", "title", "rule", "author", "licence", "file", "record", "computer", "tags", "fields"});
    for (const Finding& one : findings) {
        CsvRow row{one.time, std::string(name_of(one.level)), one.title, one.rule, one.author, one.licence, one.file, std::to_string(one.record), one.computer, join(one.tags, " "), fields_line(one)};
        std::ranges::transform(row, row.begin(), harmless);
        text += csv_line(row);
    }
    return text;
}

std::string timeline_html(const std::vector<Finding>& findings, const TimelineFacts& facts) {
    // The gravest first; within a level by time.
    std::vector<const Finding*> sorted;
    for (const Finding& one : findings) sorted.push_back(&one);
    std::ranges::sort(sorted, [](const Finding* a, const Finding* b) { return std::tie(b->level, a->time, a->file, a->record, a->title) < std::tie(a->level, b->time, b->file, b->record, b->title); });
    std::string rows;
    for (const Finding* one : sorted) rows += row_of(*one);
    return format(
        "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">"
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'\">"
        "<title>What the rules found</title><style>{}</style></head><body><main>\n<h1>What the rules found</h1>\n"
        "<p>{} detections in {} events of {} files by {} rules.{}{}</p>\n{}"
        "<p hidden><label for=\"search\">Search in what was found</label><br><input id=\"search\" type=\"search\"> <span aria-live=\"polite\"><span id=\"shown\">{}</span> shown</span></p>\n"
        "<table><thead><tr><th scope=\"col\">Level</th><th scope=\"col\">Time</th><th scope=\"col\">Rule, author, tags</th><th scope=\"col\">Fields that matched</th><th scope=\"col\">Where</th></tr></thead>\n"
        "<tbody>{}</tbody></table></main>\n<script>{}</script></body></html>\n",
        kStyle, findings.size() + facts.left_out, facts.events, facts.files, facts.rules, facts.passed_over == 0 ? "" : format(" {} damaged records or lines were passed over.", facts.passed_over),
        facts.left_out == 0 ? "" : format(" {} detections beyond the limit are not shown.", facts.left_out), chart(findings), findings.size(), rows, kScript);
}

}  // namespace madang::cli
