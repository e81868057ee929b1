#include <iterator>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "base/text.h"
#include "security/evtx_record.h"

namespace madang::security {
namespace {

// One element while it is open.
struct Open {
    std::uint32_t path = EvtxPaths::kRoot;
    json::object attributes;
    json::object children;
    json::value text;
    bool has_text = false;
    bool repeated_data = false;                  // children["Data"] already is {"#text": […]}
    std::map<std::string, std::size_t> namesakes;  // of children, where there is more than one
};

// Pieces of one value read on; only a value of one piece keeps its type.
void add_piece(json::value& to, bool& has_one, const EvtxValue& piece) {
    if (!has_one) {
        to = to_json(piece);
        has_one = true;
        return;
    }
    std::string whole;
    if (to.is_string()) {
        whole = to.get_string();
    } else if (!to.is_null()) {
        whole = json::serialize(to);
    }
    append_text(piece, whole);
    to = json::string(whole);
}

json::value value_of(Open&& element) {
    if (element.attributes.empty() && element.children.empty()) return std::move(element.text);
    json::object whole;
    if (!element.attributes.empty()) whole["#attributes"] = std::move(element.attributes);
    if (element.has_text && !element.text.is_null()) whole["#text"] = std::move(element.text);
    for (auto& child : element.children) whole[child.key()] = std::move(child.value());
    return whole;
}

// A second unnamed <Data> makes a list of them, as the texts of events written by the old interface are one.
bool add_to_data(Open& parent, json::value& there, json::value& value) {
    const bool scalar = !value.is_object();
    if (parent.repeated_data) {
        if (scalar) there.get_object()["#text"].get_array().push_back(std::move(value));
        return scalar;
    }
    if (!scalar || there.is_object()) return false;
    json::array texts{std::move(there), std::move(value)};
    there = json::object{{"#text", std::move(texts)}};
    parent.repeated_data = true;
    return true;
}

void add_child(Open& parent, std::string_view name, json::value value) {
    json::value* const there = parent.children.if_contains(name);
    if (there == nullptr) {
        parent.children.emplace(name, std::move(value));
        return;
    }
    if (name == "Data" && add_to_data(parent, *there, value)) return;
    std::size_t& number = parent.namesakes[std::string(name)];
    std::string free_name;
    do {
        free_name = format("{}_{}", name, ++number);
    } while (parent.children.contains(free_name));
    parent.children.emplace(free_name, std::move(value));
}

class Builder {
public:
    explicit Builder(const EvtxPaths& paths) : paths_(paths) { open_.emplace_back(); }

    void add(const EvtxItem& item) {
        const std::uint32_t around = item.part == EvtxPart::text ? item.path : paths_.parent(item.path);
        while (open_.size() > 1 && open_.back().path != around) close();
        Open& element = open_.back();
        if (item.part == EvtxPart::element) {
            open_.emplace_back();
            open_.back().path = item.path;
        } else if (item.part == EvtxPart::text) {
            add_piece(element.text, element.has_text, item.value);
        } else {
            json::value& attribute = element.attributes[paths_.name(item.path)];
            bool has_one = item.path == last_attribute_;
            add_piece(attribute, has_one, item.value);
        }
        last_attribute_ = item.part == EvtxPart::attribute ? item.path : EvtxPaths::kRoot;
    }

    json::object finish() {
        while (open_.size() > 1) close();
        return std::move(open_.front().children);
    }

private:
    void close() {
        Open element = std::move(open_.back());
        open_.pop_back();
        const std::string_view name = paths_.name(element.path);
        json::value value = value_of(std::move(element));
        if (name == "Data" && value.is_array()) value = json::object{{"#text", std::move(value)}};
        add_child(open_.back(), name, std::move(value));
    }

    const EvtxPaths& paths_;
    std::vector<Open> open_;
    std::uint32_t last_attribute_ = EvtxPaths::kRoot;
};

}  // namespace

json::object evtx_json(const EvtxPaths& paths, const EvtxRecord& record) {
    Builder builder(paths);
    for (const EvtxItem& item : record.items) builder.add(item);
    return builder.finish();
}

}  // namespace madang::security
