#include "http/headers.h"

#include "base/check.h"
#include "base/text.h"

namespace madang::http {
namespace {

constexpr std::size_t kLimit = 1U << 24;  // far beyond what a message may hold; offsets are 32 bits

void append_clean(std::string& text, std::string_view part) {
    for (const char c : part) {
        const auto byte = static_cast<unsigned char>(c);
        text.push_back((byte < 0x20 && c != '\t') || byte == 0x7F ? ' ' : c);
    }
}

}  // namespace

void Headers::add(std::string_view name, std::string_view value) {
    MADANG_CHECK(text_.size() + name.size() + value.size() < kLimit);
    Slot slot;
    slot.name = static_cast<std::uint32_t>(text_.size());
    slot.name_size = static_cast<std::uint32_t>(name.size());
    append_clean(text_, name);
    slot.value = static_cast<std::uint32_t>(text_.size());
    slot.value_size = static_cast<std::uint32_t>(value.size());
    append_clean(text_, value);
    slots_.push_back(slot);
}

void Headers::set(std::string_view name, std::string_view value) {
    remove(name);
    add(name, value);
}

void Headers::remove(std::string_view name) {
    for (std::size_t i = slots_.size(); i-- > 0;) {
        if (equal_ignoring_ascii_case(at(i).name, name)) slots_.erase(slots_.begin() + static_cast<std::ptrdiff_t>(i));
    }
}

void Headers::clear() {
    text_.clear();
    slots_.clear();
}

Headers::Field Headers::at(std::size_t index) const {
    const Slot& slot = slots_[index];
    const std::string_view text(text_);
    return {text.substr(slot.name, slot.name_size), text.substr(slot.value, slot.value_size)};
}

std::optional<std::string_view> Headers::find(std::string_view name) const {
    for (std::size_t i = 0; i < slots_.size(); ++i) {
        if (slots_[i].name_size != name.size()) continue;
        const Field field = at(i);
        if (equal_ignoring_ascii_case(field.name, name)) return field.value;
    }
    return std::nullopt;
}

std::string_view Headers::value_or(std::string_view name, std::string_view fallback) const {
    return find(name).value_or(fallback);
}

std::size_t Headers::count(std::string_view name) const {
    std::size_t found = 0;
    for (std::size_t i = 0; i < slots_.size(); ++i) {
        if (equal_ignoring_ascii_case(at(i).name, name)) ++found;
    }
    return found;
}

}  // namespace madang::http
