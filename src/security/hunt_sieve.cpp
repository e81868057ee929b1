#include "security/hunt_sieve.h"

#include <algorithm>

#include "base/ascii.h"
#include "base/text.h"
#include "security/event_lines.h"
#include "security/spool.h"

namespace madang::security {
namespace {

using Joined = feel::Parts::Joined;

constexpr std::size_t kNothing = SIZE_MAX;      // a part that tells nothing
constexpr std::size_t kMaxTests = 64;
constexpr std::size_t kMaxNumber = 34;          // bytes
constexpr std::size_t kMaxMemoValue = 64;       // bytes
constexpr std::size_t kMaxMemo = 8192;          // values, of each test
constexpr std::size_t kSteps = 100'000;         // as SpoolHunt allows

// Where these stand, the names of fields are not those of the keys.
constexpr std::size_t kWinlogbeat = 0, kWindows[] = {1, 2, 3}, kData = 4, kWazuh[] = {5, 6, 7}, kFlat[] = {8, 9};
constexpr std::string_view kGuards[] = {"\"winlog", "\"Event\"", "\"Event.", "\"System\"", "\"Data\"", "\"win\"", "\"win.", "\"data.win.", "\"SourceName\"", "\"ProviderName\""};

struct Renamed {
    std::string_view name, winlogbeat;
};
constexpr Renamed kRenamed[] = {{"EventID", "event_id"}, {"Channel", "channel"}, {"Provider_Name", "provider_name"}, {"Computer", "computer_name"}, {"EventRecordID", "record_id"}};

// A name that a key spells as it is, or else with \u00.
bool is_plain(std::string_view name) {
    return std::ranges::all_of(name, [](char c) { return c > ' ' && c < 0x7f && c != '"' && c != '\\' && c != '/'; });
}

std::string_view last_of(std::string_view name) {
    const std::size_t dot = name.rfind('.');
    return dot == std::string_view::npos ? name : name.substr(dot + 1);
}

bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

bool is_true(const feel::Expression& condition, const std::string& name, feel::Value value) {
    feel::Context variables;
    variables.set(name, std::move(value));
    const feel::Value answer = feel::evaluate(condition, variables, {.steps = kSteps});
    const bool* truth = std::get_if<bool>(&answer.held());
    return truth != nullptr && *truth;
}

}  // namespace

feel::Value feel_value(std::string_view text) {
    const bool digits = !text.empty() && text.size() <= kMaxNumber && text.find_first_not_of("0123456789.-") == std::string_view::npos;
    if (digits) {
        if (const auto number = feel::Number::parse(text)) return feel::Value(*number);
    }
    return feel::Value(std::string(text));
}

std::size_t HuntSieve::add_literal(const std::string& text) {
    const auto found = std::ranges::find(texts_, text);
    if (found != texts_.end()) return static_cast<std::size_t>(found - texts_.begin());
    texts_.push_back(text);
    return texts_.size() - 1;
}

std::size_t HuntSieve::add_field(const std::string& name) {
    const auto known = std::ranges::find(fields_, name, &Field::name);
    if (known != fields_.end()) return static_cast<std::size_t>(known - fields_.begin());
    Field field{name, {{add_literal(std::string(last_of(name)) + '"'), false}}};
    for (const Renamed& one : kRenamed) {
        if (one.name == name) field.needles.push_back({add_literal(std::string(one.winlogbeat) + '"'), true});
    }
    fields_.push_back(std::move(field));
    return fields_.size() - 1;
}

std::size_t HuntSieve::add(const feel::Expression& expression, std::span<const std::string> names, std::span<const std::string> fields) {
    const feel::Parts parts = feel::parts_of(expression);
    Node node{parts.joined, 0, {}};
    if (parts.joined == Joined::one) {
        const auto free = feel::free_names(expression);
        const auto found = free.size() == 1 ? std::ranges::find(names, free[0]) : names.end();
        if (found == names.end() || tests_.size() >= kMaxTests) return kNothing;
        const std::string& field = fields[static_cast<std::size_t>(found - names.begin())];
        const feel::Expression condition = feel::as_condition(expression);
        if (!is_plain(field) || last_of(field).empty() || is_true(condition, *found, {})) return kNothing;
        node.test = tests_.size();
        tests_.push_back({condition, *found, add_field(field)});
    }
    for (const feel::Expression& part : parts.joined == Joined::one ? std::vector<feel::Expression>() : parts.parts) {
        const std::size_t child = add(part, names, fields);
        // What one side of an `or` may be is not known: neither is the whole.
        if (child == kNothing && parts.joined == Joined::any) return kNothing;
        if (child != kNothing) node.children.push_back(child);
    }
    if (parts.joined == Joined::all && node.children.empty()) return kNothing;
    nodes_.push_back(std::move(node));
    return nodes_.size() - 1;
}

std::shared_ptr<const HuntSieve> HuntSieve::make(const feel::Expression& expression, std::span<const std::string> names, std::span<const std::string> fields) {
    auto sieve = std::make_shared<HuntSieve>();
    sieve->texts_.assign(std::begin(kGuards), std::end(kGuards));
    if (sieve->add(expression, names, fields) == kNothing) return nullptr;   // else the last node is the whole
    auto literals = Literals::compile(sieve->texts_, Literals::Finds::every_time);
    if (!literals) return nullptr;
    sieve->literals_ = std::move(*literals);
    return sieve;
}

HuntSieve::Pass::Pass(const HuntSieve& sieve)
    : sieve_(sieve), scratch_(sieve.literals_), places_(sieve.texts_.size()), next_(sieve.texts_.size()), known_(sieve.fields_.size()), memos_(sieve.tests_.size()) {}

void HuntSieve::Pass::enter(std::string_view block, bool escapes) {
    block_ = block;
    escapes_ = escapes;
    for (auto& one : places_) one.clear();
    std::ranges::fill(next_, 0);
    sieve_.literals_.scan_places(block, scratch_, [this](std::uint32_t literal, std::uint64_t end) { places_[literal].push_back(static_cast<std::uint32_t>(end)); });
    for (auto& one : places_) {
        if (!std::ranges::is_sorted(one)) std::ranges::sort(one);
    }
}

// Moves on to the line; what is found begins in it too, as literals are shorter than what stands before a line.
bool HuntSieve::Pass::any_here(std::size_t literal) {
    const auto& places = places_[literal];
    std::size_t& next = next_[literal];
    while (next < places.size() && places[next] < begin_ + sieve_.texts_[literal].size()) ++next;
    return next < places.size() && places[next] <= end_;
}

bool HuntSieve::Pass::may_fit(const SpoolRecord& record) {
    if (record.format != LineFormat::json) return true;
    line_ = record.line;
    begin_ = static_cast<std::size_t>(line_.data() - block_.data());
    end_ = begin_ + line_.size();
    if (escapes_ && line_.find("\\u00") != std::string_view::npos) return true;
    const auto guarded = [this](std::size_t guard) { return any_here(guard); };
    windows_ = std::ranges::any_of(kWindows, guarded);
    // There the names of fields are values, or not spelled as in the line at all.
    if ((windows_ && any_here(kData)) || std::ranges::any_of(kWazuh, guarded)) return true;
    winlogbeat_ = any_here(kWinlogbeat);
    flat_ = std::ranges::any_of(kFlat, guarded);
    for (Known& one : known_) one.state = Known::State::not_looked;
    return may_be_true(sieve_.nodes_.size() - 1);
}

bool HuntSieve::Pass::may_be_true(std::size_t number) {
    const Node& node = sieve_.nodes_[number];
    const auto may = [this](std::size_t child) { return may_be_true(child); };
    switch (node.joined) {
        case Joined::one: return may_be_true_of(node.test);
        case Joined::all: return std::ranges::all_of(node.children, may);
        case Joined::any: return std::ranges::any_of(node.children, may);
    }
    return true;
}

bool HuntSieve::Pass::may_be_true_of(std::size_t number) {
    const Test& test = sieve_.tests_[number];
    const Known& known = look(test.field);
    if (known.state == Known::State::absent) return false;
    if (known.state != Known::State::one) return true;
    Memo& memo = memos_[number];
    if (const auto found = memo.find(known.value); found != memo.end()) return found->second;
    const bool truth = is_true(test.condition, test.name, feel_value(known.value));
    if (known.value.size() <= kMaxMemoValue && memo.size() < kMaxMemo) memo.emplace(known.value, truth);
    return truth;
}

// Any key that may give the field its value, and no more than one of them.
const HuntSieve::Pass::Known& HuntSieve::Pass::look(std::size_t number) {
    Known& known = known_[number];
    if (known.state != Known::State::not_looked) return known;
    const Field& field = sieve_.fields_[number];
    known.state = Known::State::unclear;
    // Attributes of nested Windows events are called by two keys: Provider_Name.
    const bool two_keys = field.name.find('_') != std::string::npos;
    if (windows_ && two_keys) return known;
    // What carriers call by a name of their own.
    if (winlogbeat_ && field.needles.size() == 1 && (two_keys || field.name == "Version")) return known;
    if (flat_ && (two_keys || field.name == "Computer" || field.name == "EventRecordID")) return known;
    const bool dotted = windows_ || winlogbeat_ || field.name.find('.') != std::string::npos;
    std::size_t value = kNothing;
    for (const Needle& needle : field.needles) {
        if ((needle.of_winlogbeat && !winlogbeat_) || !any_here(needle.literal)) continue;
        const auto& places = places_[needle.literal];
        for (std::size_t i = next_[needle.literal]; i < places.size() && places[i] <= end_; ++i) {
            const std::size_t first = places[i] - sieve_.texts_[needle.literal].size();
            const char before = first > begin_ ? block_[first - 1] : '\0';
            if (before != '"' && !(before == '.' && dotted)) continue;
            std::size_t at = places[i];
            while (at < end_ && is_blank(block_[at])) ++at;
            if (at >= end_ || block_[at] != ':') continue;
            if (value != kNothing) return known;
            value = at + 1;
        }
    }
    if (value == kNothing) known.state = Known::State::absent;
    else read_value(value, known);
    return known;
}

void HuntSieve::Pass::read_value(std::size_t at, Known& known) {
    while (at < end_ && is_blank(block_[at])) ++at;
    const std::string_view rest = block_.substr(at, end_ - at);
    const auto is = [&](std::string_view value) {
        known.value = value;
        known.state = Known::State::one;
    };
    if (rest.starts_with('"')) {
        const std::size_t plain = json_plain_run(rest.substr(1));
        const std::string_view text = rest.substr(1, plain);
        if (rest.substr(1 + plain).starts_with('"')) return is_utf8(text) ? is(text) : void();
        return decode(at, known);
    }
    if (rest.starts_with("true")) return is("true");
    if (rest.starts_with("false")) return is("false");
    if (rest.starts_with("null")) {
        known.state = Known::State::absent;
        return;
    }
    const std::size_t number = std::min(rest.find_first_not_of("0123456789+-.eE"), rest.size());
    if (number > 0) is(rest.substr(0, number));
}

// A text with escapes: read by the reader of whole lines.
void HuntSieve::Pass::decode(std::size_t at, Known& known) {
    std::size_t end = at + 1;
    while (end < end_ && block_[end] != '"') end += block_[end] == '\\' ? 2 : 1;
    if (end >= end_) return;
    const std::string_view token = block_.substr(at, end + 1 - at);
    if (!is_utf8(token)) return;
    event_.clear();
    if (!parse_json_line(format(R"({{"x":{}}})", token), {}, event_) || event_.size() != 1) return;
    known.decoded = event_.at(0).value;
    known.value = known.decoded;
    known.state = Known::State::one;
}

}  // namespace madang::security
