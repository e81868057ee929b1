// The timeline as one page: chart, counts, filters and all that was found.
#include <algorithm>
#include <array>
#include <map>
#include <tuple>

#include "base/text.h"
#include "cli/spool_options.h"
#include "cli/time_scale.h"
#include "cli/timeline.h"
#include "security/event_time.h"

namespace madang::cli {
namespace {

using security::SigmaLevel;

constexpr std::size_t kOpenly = 160;         // bytes of a value; what is longer is folded
constexpr std::size_t kMostBars = 24 * 31;
constexpr std::size_t kCountsShown = 100;    // rules and computers, the most frequent
constexpr std::array kLevels{SigmaLevel::critical, SigmaLevel::high, SigmaLevel::medium, SigmaLevel::low, SigmaLevel::informational, SigmaLevel::none};
constexpr double kWidth = 900, kHeight = 120;

std::string several(std::uint64_t number, std::string_view what) { return format("{} {}{}", number, what, number == 1 ? "" : "s"); }
std::string marked(std::string_view text) { return escape_markup(shown(text)); }

std::string value_of(const std::string& value) {
    const std::string text = shown(value);
    if (text.size() <= kOpenly) return escape_markup(text);
    std::size_t end = kOpenly;
    while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80U) --end;
    return format("<details><summary>{}…</summary>{}</details>", escape_markup(text.substr(0, end)), escape_markup(text));
}

struct Column {
    std::array<std::uint64_t, 6> levels{};   // by SigmaLevel
    std::uint64_t all() const {
        std::uint64_t sum = 0;
        for (const std::uint64_t one : levels) sum += one;
        return sum;
    }
};

std::string words_of(const Column& column) {
    std::string words;
    for (const SigmaLevel level : kLevels) {
        if (const auto count = column.levels.at(static_cast<std::size_t>(level)); count > 0) words += format("{}{} {}", words.empty() ? "" : ", ", count, name_of(level));
    }
    return words;
}

std::string bars(const TimeScale& scale, const std::vector<Column>& columns, std::uint64_t most) {
    std::string text;
    const auto span = static_cast<double>(scale.end - scale.starts.front());
    for (std::size_t i = 0; i < columns.size(); ++i) {
        if (columns[i].all() == 0) continue;
        const std::int64_t until = i + 1 < columns.size() ? scale.starts[i + 1] : scale.end;
        const double x = kWidth * static_cast<double>(scale.starts[i] - scale.starts.front()) / span;
        const double width = std::max(1.0, kWidth * static_cast<double>(until - scale.starts[i]) / span - 0.5);
        double top = kHeight;
        text += format("<g><title>{}: {}</title>", label_of(scale.starts[i], scale.bucket), words_of(columns[i]));
        for (const SigmaLevel level : kLevels) {
            const auto count = columns[i].levels.at(static_cast<std::size_t>(level));
            if (count == 0) continue;
            const double height = kHeight * static_cast<double>(count) / static_cast<double>(most);
            top -= height;
            text += format("<rect class=\"f-{}\" x=\"{:.1f}\" y=\"{:.2f}\" width=\"{:.1f}\" height=\"{:.2f}\"/>", name_of(level), x, top, width, height);
        }
        text += "</g>";
    }
    return text;
}

std::string_view word_of(Bucket bucket) {
    switch (bucket) {
        case Bucket::day: return "day";
        case Bucket::week: return "week";
        case Bucket::month: return "month";
        case Bucket::year: return "year";
        case Bucket::four_hours: return "four hours";
        default: return "hour";
    }
}

std::string chart(const std::vector<Finding>& findings) {
    MinuteCounts minutes;
    std::vector<std::pair<std::int64_t, SigmaLevel>> moments;
    for (const Finding& one : findings) {
        const auto at = security::parse_event_time(one.time);
        if (!at) continue;
        ++minutes[minutes_of(*at)];
        moments.emplace_back(minutes_of(*at), one.level);
    }
    if (minutes.empty()) return "";
    const TimeScale scale = scale_of(minutes, kMostBars, Bucket::hour);
    std::vector<Column> columns(scale.starts.size());
    for (const auto& [at, level] : moments) {
        if (const std::size_t place = scale.place_of(at); place < columns.size()) ++columns[place].levels.at(static_cast<std::size_t>(level));
    }
    std::uint64_t most = 1;
    for (const Column& one : columns) most = std::max(most, one.all());
    std::string keys;
    for (const SigmaLevel level : kLevels) {
        if (std::ranges::any_of(moments, [&](const auto& one) { return one.second == level; })) keys += format("<span><i class=\"b-{0}\"></i>{0}</span> ", name_of(level));
    }
    std::string rows;
    for (std::size_t i = 0; i < columns.size(); ++i) {
        if (columns[i].all() > 0) rows += format("<tr><th scope=\"row\">{}</th><td>{}</td></tr>", label_of(scale.starts[i], scale.bucket), words_of(columns[i]));
    }
    const std::size_t untimed = findings.size() - moments.size();
    const std::string outside = scale.outside();
    return format("<figure><figcaption>Detections by {} (UTC), {} at most. {}</figcaption><svg viewBox=\"0 0 900 120\" preserveAspectRatio=\"none\" role=\"img\" aria-label=\"Detections by {}; the table below says the same\">{}</svg>"
                  "<p class=\"scale\"><span>{}</span><span>{}</span><span>{}</span></p>{}{}<details><summary>The chart as a table</summary><table class=\"counts\"><tbody>{}</tbody></table></details></figure>\n",
                  word_of(scale.bucket), most, keys, word_of(scale.bucket), bars(scale, columns, most), label_of(scale.starts.front(), scale.bucket),
                  scale.starts.size() > 4 ? label_of(scale.starts[scale.starts.size() / 2], scale.bucket) : "", scale.starts.size() > 1 ? label_of(scale.starts.back(), scale.bucket) : "",
                  outside.empty() ? "" : format("<p>{}: their times are far from all others.</p>", outside), untimed == 0 ? "" : format("<p>{} of unknown time are not drawn.</p>", untimed), rows);
}

constexpr std::string_view kStyle = R"css(*{box-sizing:border-box}body{font:16px/1.45 system-ui,sans-serif;margin:0 auto;max-width:75rem;padding:1rem;color:#0b0c0c;background:#fff}
h1{font-size:1.6rem}h2{font-size:1.2rem}figure{margin:1rem 0}svg{display:block;width:100%;height:9rem;border-bottom:1px solid #505a5f;margin-top:.5rem}
.scale{display:flex;justify-content:space-between;gap:.5rem;margin:.2rem 0;font-size:.85rem}figcaption span{white-space:nowrap}figcaption i{display:inline-block;width:.8rem;height:.8rem;margin-right:.3rem}
.f-critical{fill:#6f1d6e}.f-high{fill:#b3261e}.f-medium{fill:#c77700}.f-low{fill:#00695c}.f-informational{fill:#5b7083}.f-none{fill:#9aa5ad}
.b-critical{background:#6f1d6e}.b-high{background:#b3261e}.b-medium{background:#c77700}.b-low{background:#00695c}.b-informational{background:#5b7083}.b-none{background:#9aa5ad}
table{border-collapse:collapse;width:100%}th,td{text-align:left;vertical-align:top;padding:.4rem .5rem;border-bottom:1px solid #b1b4b6;overflow-wrap:anywhere}.counts{width:auto}.counts th{font-weight:400}
#found td:nth-child(1),time{white-space:nowrap}.critical,.high{color:#942514;font-weight:700}.medium{color:#6b4a00;font-weight:700}
.filters{display:flex;flex-wrap:wrap;gap:.8rem;align-items:end}.filters[hidden]{display:none}.filters>*{flex:1 1 12rem;min-width:0}fieldset{border:1px solid #b1b4b6;flex-basis:100%;display:flex;flex-wrap:wrap;gap:0 1rem}fieldset label{white-space:nowrap;padding:.25rem 0}
input[type=search],select{font:inherit;padding:.4rem;width:100%;border:2px solid #0b0c0c;background:inherit;color:inherit}:focus-visible{outline:3px solid #fd0;outline-offset:1px}small{color:#505a5f}summary{cursor:pointer;padding:.25rem 0}
@media(min-width:45.01rem){#found td:nth-child(3){min-width:13rem}#found td:nth-child(5){min-width:9rem}}@media(max-width:45rem){#found thead{display:none}#found tr,#found td{display:block;border:0}#found tr{border-bottom:1px solid #b1b4b6;padding:.5rem 0}#found td{padding:.1rem 0}#found tr[hidden]{display:none}}
@media(prefers-color-scheme:dark){body{background:#0b0c0c;color:#f3f2f1}.critical,.high{color:#ff9d90}.medium{color:#ffd27a}small{color:#b1b4b6}input[type=search],select{border-color:#f3f2f1}option{background:#0b0c0c}
.f-critical{fill:#d48bd3}.f-high{fill:#ff8a80}.f-medium{fill:#ffb74d}.f-low{fill:#4db6ac}.b-critical{background:#d48bd3}.b-high{background:#ff8a80}.b-medium{background:#ffb74d}.b-low{background:#4db6ac}}
)css";

// Rows that are not asked for are hidden.
constexpr std::string_view kScript = R"js(const at=id=>document.getElementById(id),rows=[...document.querySelectorAll('#found tbody tr')];
for(const one of document.querySelectorAll('.filters'))one.hidden=false;
const boxes=[...document.querySelectorAll('fieldset input')];
function look(){const wanted=at('search').value.toLowerCase(),rule=at('rule').value,computer=at('computer').value,levels=new Set(boxes.filter(b=>b.checked).map(b=>b.value));let shown=0;
for(const row of rows){const d=row.dataset,hit=levels.has(d.l)&&(!rule||d.r===rule)&&(!computer||d.c===computer)&&(!wanted||row.textContent.toLowerCase().includes(wanted));row.hidden=!hit;if(hit)shown++}
at('shown').textContent=String(shown)}
for(const one of [at('search'),at('rule'),at('computer'),...boxes])one.addEventListener('input',look);look();
)js";

// "2021-04-26 09:16:14"; the whole moment stays in the attribute.
std::string time_cell(const std::string& time) {
    if (time.size() < 19 || time[4] != '-' || time[10] != 'T') return marked(time);
    return format("<time datetime=\"{}\">{}<br>{}</time>", marked(time), marked(time.substr(0, 10)), marked(time.substr(11, 8)));
}

// Names and how often each was found, the most frequent first.
struct Counted {
    std::map<std::string, std::pair<std::uint64_t, std::size_t>> all;   // count and number
    std::size_t add(const std::string& name) {
        auto& [count, number] = all.try_emplace(name, 0, all.size() + 1).first->second;
        ++count;
        return number;
    }
    std::vector<std::tuple<std::uint64_t, std::string, std::size_t>> sorted() const {
        std::vector<std::tuple<std::uint64_t, std::string, std::size_t>> list;
        for (const auto& [name, about] : all) list.emplace_back(about.first, name, about.second);
        std::ranges::sort(list, [](const auto& a, const auto& b) { return std::get<0>(a) != std::get<0>(b) ? std::get<0>(a) > std::get<0>(b) : std::get<1>(a) < std::get<1>(b); });
        return list;
    }
    std::string options(std::string_view everything) const {
        std::string text = format("<option value=\"\">{}</option>", everything);
        for (const auto& [count, name, number] : sorted()) text += format("<option value=\"{}\">{} ({})</option>", number, name.empty() ? "(not said)" : marked(name), count);
        return text;
    }
    std::string table(std::string_view title) const {
        const auto list = sorted();
        std::string rows;
        for (std::size_t i = 0; i < std::min(kCountsShown, list.size()); ++i) rows += format("<tr><th scope=\"row\">{}</th><td>{}</td></tr>", std::get<1>(list[i]).empty() ? "(not said)" : marked(std::get<1>(list[i])), std::get<0>(list[i]));
        return format("<details><summary>{} ({}{})</summary><table class=\"counts\"><tbody>{}</tbody></table></details>\n", title, list.size(), list.size() > kCountsShown ? format(", the {} most frequent are listed", kCountsShown) : "", rows);
    }
};

std::string row_of(const Finding& one, std::size_t rule, std::size_t computer) {
    std::string fields;
    for (const auto& [name, value] : one.fields) fields += format("<div><strong>{}</strong> {}</div>", marked(name), value_of(value));
    std::string tags;
    for (const std::string& tag : one.tags) tags += (tags.empty() ? "" : ", ") + marked(tag);
    return format("<tr data-l=\"{0}\" data-r=\"{10}\" data-c=\"{11}\"><td class=\"{0}\">{0}</td><td>{1}</td><td>{2}<br><small>{3}{4}{5}</small></td><td>{6}</td><td>{7} #{8}<br><small>{9}</small></td></tr>\n", name_of(one.level),
                  time_cell(one.time), marked(one.title), marked(one.author), one.licence.empty() ? "" : ", " + marked(one.licence), tags.empty() ? "" : "<br>" + tags, fields, marked(one.file), one.record,
                  marked(one.computer), rule, computer);
}

std::string filters(const Column& levels, const Counted& rules, const Counted& computers, std::size_t shown) {
    std::string boxes;
    for (const SigmaLevel level : kLevels) {
        if (const auto count = levels.levels.at(static_cast<std::size_t>(level)); count > 0) boxes += format("<label><input type=\"checkbox\" value=\"{0}\" checked> {0} ({1})</label>", name_of(level), count);
    }
    return format("<div class=\"filters\" hidden><fieldset><legend>Levels</legend>{}</fieldset><label>Rule<br><select id=\"rule\">{}</select></label><label>Computer<br><select id=\"computer\">{}</select></label>"
                  "<label>Search in what was found<br><input id=\"search\" type=\"search\"></label></div><p class=\"filters\" hidden aria-live=\"polite\"><span><span id=\"shown\">{}</span> shown</span></p>\n",
                  boxes, rules.options("all rules"), computers.options("all computers"), shown);
}

}  // namespace

std::string timeline_html(const std::vector<Finding>& findings, const TimelineFacts& facts) {
    // The gravest first; within a level by time.
    std::vector<const Finding*> sorted;
    for (const Finding& one : findings) sorted.push_back(&one);
    std::ranges::sort(sorted, [](const Finding* a, const Finding* b) { return std::tie(b->level, a->time, a->file, a->record, a->title) < std::tie(a->level, b->time, b->file, b->record, b->title); });
    std::string rows;
    Column levels;
    Counted rules, computers;
    for (const Finding* one : sorted) {
        ++levels.levels.at(static_cast<std::size_t>(one->level));
        rows += row_of(*one, rules.add(one->title), computers.add(one->computer));
    }
    return format(
        "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">"
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'\">"
        "<title>What the rules found</title><style>{}</style></head><body><main>\n<h1>What the rules found</h1>\n"
        "<p>{} in {} of {} by {}{}{}.{}{}</p>\n{}<h2>How often</h2>\n{}{}<h2>What was found</h2>\n{}"
        "<table id=\"found\"><thead><tr><th scope=\"col\">Level</th><th scope=\"col\">Time</th><th scope=\"col\">Rule, author, tags</th><th scope=\"col\">Fields that matched</th><th scope=\"col\">Where</th></tr></thead>\n"
        "<tbody>{}</tbody></table></main>\n<script>{}</script></body></html>\n",
        kStyle, several(findings.size() + facts.left_out, "detection"), several(facts.events, "event"), several(facts.files, "file"), several(facts.rules, "rule"), findings.empty() ? "" : ": ", words_of(levels),
        facts.passed_over == 0 ? "" : format(" {} damaged records or lines were passed over.", facts.passed_over),
        facts.left_out == 0 ? "" : format(" {} detections beyond the limit are not shown.", facts.left_out), chart(findings), rules.table("By rule"), computers.table("By computer"),
        filters(levels, rules, computers, findings.size()), rows, kScript);
}

}  // namespace madang::cli
