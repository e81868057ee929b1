#include "security/detail/sigma_yaml.h"

#include <yaml.h>

#include <algorithm>
#include <iterator>
#include <map>
#include <set>

#include "base/text.h"

namespace madang::security {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }

bool all_of_set(std::string_view text, std::string_view set) {
    return !text.empty() && text.find_first_not_of(set) == std::string_view::npos;
}

std::size_t count_digits(std::string_view text) {
    const std::size_t end = text.find_first_not_of("0123456789");
    return end == std::string_view::npos ? text.size() : end;
}

bool is_integer(std::string_view text) {
    if (text.starts_with("0o")) return all_of_set(text.substr(2), "01234567");
    if (text.starts_with("0x")) return all_of_set(text.substr(2), "0123456789abcdefABCDEF");
    if (text.starts_with('-') || text.starts_with('+')) text.remove_prefix(1);
    return all_of_set(text, "0123456789");
}

// [-+]? ( \. [0-9]+ | [0-9]+ ( \. [0-9]* )? ) ( [eE] [-+]? [0-9]+ )?
bool is_real(std::string_view text) {
    if (text.starts_with('-') || text.starts_with('+')) text.remove_prefix(1);
    const std::size_t whole = count_digits(text);
    text.remove_prefix(whole);
    if (text.starts_with('.')) {
        const std::size_t fraction = count_digits(text.substr(1));
        if (whole == 0 && fraction == 0) return false;
        text.remove_prefix(1 + fraction);
    } else if (whole == 0) {
        return false;
    }
    if (text.empty()) return true;
    if (text.front() != 'e' && text.front() != 'E') return false;
    text.remove_prefix(1);
    if (text.starts_with('-') || text.starts_with('+')) text.remove_prefix(1);
    return !text.empty() && std::ranges::all_of(text, is_digit);
}

// Owns libyaml's parser; the events that it hands out are owned by Event.
class Stream {
public:
    explicit Stream(std::string_view text)
        : lines_(static_cast<std::size_t>(std::ranges::count(text, '\n')) + 1) {
        ready_ = yaml_parser_initialize(&parser_) == 1;
        if (!ready_) return;
        yaml_parser_set_encoding(&parser_, YAML_UTF8_ENCODING);
        yaml_parser_set_input_string(&parser_, reinterpret_cast<const unsigned char*>(text.data()), text.size());
    }
    ~Stream() {
        if (ready_) yaml_parser_delete(&parser_);
    }
    Stream(const Stream&) = delete;
    Stream& operator=(const Stream&) = delete;

    bool next(yaml_event_t& event) { return ready_ && yaml_parser_parse(&parser_, &event) == 1; }
    // libyaml counts the end of the file as a line of its own.
    std::size_t line() const {
        return std::min(std::max(parser_.problem_mark.line, parser_.context_mark.line) + 1, lines_);
    }
    std::string_view problem() const { return parser_.problem != nullptr ? parser_.problem : "it cannot be read"; }

private:
    yaml_parser_t parser_{};
    std::size_t lines_;
    bool ready_ = false;
};

struct Event {
    Event() = default;
    ~Event() { yaml_event_delete(&raw); }
    Event(const Event&) = delete;
    Event& operator=(const Event&) = delete;
    std::size_t line() const { return raw.start_mark.line + 1; }
    yaml_event_t raw{};
};

class TreeReader {
public:
    // `lines` stand before the text in its file.
    TreeReader(std::string_view text, std::string_view name, std::size_t lines = 0) : stream_(text), name_(name), lines_(lines) {}

    Result<std::vector<YamlNode>> run() {
        std::vector<YamlNode> documents;
        while (true) {
            Event event;
            TRY_DO(next(event));
            if (event.raw.type == YAML_STREAM_END_EVENT) return documents;
            if (event.raw.type != YAML_DOCUMENT_START_EVENT) continue;
            anchors_.clear();
            Event root;
            TRY_DO(next(root));
            TRY(auto node, read(root, 0));
            documents.push_back(std::move(node));
        }
    }

private:
    Result<void> next(Event& event) {
        if (!stream_.next(event.raw)) return fail_at(name_, lines_ + stream_.line(), format("this is not YAML: {}", stream_.problem()));
        return {};
    }

    // Recursion is bounded by kMaxYamlDepth.
    Result<YamlNode> read(const Event& event, std::size_t depth) {
        if (depth > kMaxYamlDepth) return fail_at(name_, line_of(event), format("more than {} levels deep", kMaxYamlDepth));
        if (++nodes_ > kMaxYamlNodes) return fail_at(name_, line_of(event), format("more than {} values", kMaxYamlNodes));
        switch (event.raw.type) {
            case YAML_ALIAS_EVENT: return copy(event, depth);
            case YAML_SCALAR_EVENT: return named(event.raw.data.scalar.anchor, scalar(event));
            case YAML_SEQUENCE_START_EVENT: {
                const auto& start = event.raw.data.sequence_start;
                TRY_DO(plain(event, start.tag));
                return named(start.anchor, list(event, depth));
            }
            case YAML_MAPPING_START_EVENT: {
                const auto& start = event.raw.data.mapping_start;
                TRY_DO(plain(event, start.tag));
                return named(start.anchor, map(event, depth));
            }
            default: return fail_at(name_, line_of(event), "a value is expected here");
        }
    }

    std::size_t line_of(const Event& event) const { return lines_ + event.line(); }

    // An anchor (clause 3.2.2.2) is known behind its node: no node can hold itself. A later one of the same name counts.
    Result<YamlNode> named(const yaml_char_t* anchor, Result<YamlNode> node) {
        if (node && anchor != nullptr) {
            const Size size = size_of(*node);
            nodes_ += size.nodes;
            if (nodes_ > kMaxYamlNodes) return fail_at(name_, node->line, format("more than {} values", kMaxYamlNodes));
            anchors_[reinterpret_cast<const char*>(anchor)] = {*node, size};
        }
        return node;
    }

    Result<YamlNode> copy(const Event& event, std::size_t depth) {
        const auto found = anchors_.find(reinterpret_cast<const char*>(event.raw.data.alias.anchor));
        if (found == anchors_.end()) return fail_at(name_, line_of(event), format("nothing before is called &{}", reinterpret_cast<const char*>(event.raw.data.alias.anchor)));
        nodes_ += found->second.size.nodes;
        if (nodes_ > kMaxYamlNodes) return fail_at(name_, line_of(event), format("more than {} values", kMaxYamlNodes));
        if (depth + found->second.size.depth > kMaxYamlDepth) return fail_at(name_, line_of(event), format("more than {} levels deep", kMaxYamlDepth));
        return found->second.node;
    }

    struct Size {
        std::size_t nodes = 1, depth = 0;
    };
    // As deep as what was read.
    static Size size_of(const YamlNode& node) {
        Size size;
        const auto add = [&](const YamlNode& part) {
            const Size inner = size_of(part);
            size.nodes += inner.nodes;
            size.depth = std::max(size.depth, inner.depth + 1);
        };
        for (const YamlNode& item : node.items) add(item);
        for (const YamlEntry& entry : node.entries) {
            ++size.nodes;
            add(entry.value);
        }
        return size;
    }

    Result<void> plain(const Event& event, const yaml_char_t* tag) const {
        if (tag != nullptr) return fail_at(name_, line_of(event), "a tag (!name) is not read here");
        return {};
    }

    Result<YamlNode> scalar(const Event& event) {
        const auto& raw = event.raw.data.scalar;
        TRY_DO(plain(event, raw.tag));
        YamlNode node;
        node.line = line_of(event);
        node.text.assign(reinterpret_cast<const char*>(raw.value), raw.length);
        node.kind = raw.style == YAML_PLAIN_SCALAR_STYLE ? plain_kind(node.text) : YamlKind::text;
        return node;
    }

    Result<YamlNode> list(const Event& start, std::size_t depth) {
        YamlNode node;
        node.kind = YamlKind::list;
        node.line = line_of(start);
        while (true) {
            Event event;
            TRY_DO(next(event));
            if (event.raw.type == YAML_SEQUENCE_END_EVENT) return node;
            TRY(auto item, read(event, depth + 1));
            node.items.push_back(std::move(item));
        }
    }

    // Keys are unique (clause 3.2.1.1): of two equal ones a reader could only guess which is meant.
    Result<YamlNode> map(const Event& start, std::size_t depth) {
        YamlNode node;
        node.kind = YamlKind::map;
        node.line = line_of(start);
        std::set<std::string> known;
        while (true) {
            Event event;
            TRY_DO(next(event));
            if (event.raw.type == YAML_MAPPING_END_EVENT) return node;
            TRY(auto key, read(event, depth + 1));
            if (!key.is_scalar()) return fail_at(name_, key.line, "a key is a single word or text");
            if (!known.insert(key.text).second) return fail_at(name_, key.line, format("the key \"{}\" is there twice", key.text));
            Event behind;
            TRY_DO(next(behind));
            TRY(auto value, read(behind, depth + 1));
            node.entries.push_back({std::move(key), std::move(value)});
        }
    }

    Stream stream_;
    struct Anchored {
        YamlNode node;
        Size size;
    };
    std::string_view name_;
    std::size_t lines_;
    std::size_t nodes_ = 0;
    std::map<std::string, Anchored> anchors_;   // of the document
};

}  // namespace

const YamlNode* YamlNode::find(std::string_view key) const {
    const auto found = std::ranges::find_if(entries, [&](const auto& entry) { return entry.key.text == key; });
    return found == entries.end() ? nullptr : &found->value;
}

YamlKind plain_kind(std::string_view text) {
    if (text.empty() || text == "~" || text == "null" || text == "Null" || text == "NULL") return YamlKind::null;
    if (text == "true" || text == "True" || text == "TRUE") return YamlKind::boolean;
    if (text == "false" || text == "False" || text == "FALSE") return YamlKind::boolean;
    if (is_integer(text)) return YamlKind::integer;
    if (is_real(text)) return YamlKind::real;
    return YamlKind::text;
}

std::unexpected<Error> fail_at(std::string_view name, std::size_t line, std::string_view why) {
    return fail(Code::invalid, format("{}:{}: {}", name, line, why));
}

Result<std::vector<YamlNode>> parse_yaml(std::string_view text, std::string_view name) {
    if (text.size() > kMaxYamlBytes) return fail_at(name, 1, format("more than {} bytes", kMaxYamlBytes));
    if (!is_utf8(text)) return fail_at(name, 1, "this is not UTF-8");
    return TreeReader(text, name).run();
}

std::vector<Result<YamlNode>> parse_yaml_documents(std::string_view text, std::string_view name) {
    std::vector<Result<YamlNode>> all;
    const auto read = [&](std::string_view part, std::size_t lines) {
        auto nodes = TreeReader(part, name, lines).run();
        if (!nodes) all.emplace_back(std::unexpected(nodes.error()));
        else std::ranges::move(*nodes, std::back_inserter(all));
    };
    if (const auto whole = parse_yaml(text, name)) {
        for (const YamlNode& node : *whole) all.emplace_back(node);
        return all;
    }
    if (text.size() > kMaxYamlBytes || !is_utf8(text)) {
        all.emplace_back(std::unexpected(parse_yaml(text, name).error()));
        return all;
    }
    // "---" at the start of a line begins a document wherever it stands (clause 9.1.2).
    std::size_t begin = 0;
    std::size_t begin_line = 0;
    std::size_t line = 0;
    for (std::size_t at = 0; at < text.size(); ++line) {
        const std::string_view rest = text.substr(at);
        const bool mark = rest.starts_with("---") && (rest.size() == 3 || rest[3] == '\n' || rest[3] == '\r' || rest[3] == ' ');
        if (mark && at > begin) {
            read(text.substr(begin, at - begin), begin_line);
            begin = at;
            begin_line = line;
        }
        const std::size_t end = rest.find('\n');
        at = end == std::string_view::npos ? text.size() : at + end + 1;
    }
    read(text.substr(begin), begin_line);
    return all;
}

}  // namespace madang::security
