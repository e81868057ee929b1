// Which fields are shown, and what their answers amount to.
#include "form/check.h"

#include <algorithm>

#include "form/detail/judge.h"

namespace madang::form {
namespace {

constexpr std::size_t kMaxSteps = 10'000;         // of FEEL, for one condition

// One field of the form with its answer, in the order of the form.
struct Standing {
    const Page* page = nullptr;
    const Field* field = nullptr;
    Judged judged;
    bool shown = false;
};

bool holds(const std::optional<feel::Expression>& condition, const feel::Context& data) {
    if (!condition) return false;
    const feel::Value answer = feel::evaluate(*condition, data, {.steps = kMaxSteps});
    return answer.as<bool>() != nullptr && *answer.as<bool>();
}

// The conditions see the typed data of the fields that are shown; one that is hidden or unanswered is null.
class Settling {
public:
    Settling(const Form& form, const Answers& answers) {
        for (const Page& page : form.pages) {
            for (const Field& field : page.fields) {
                Standing one{&page, &field, {}, true};
                if (!field.key.empty()) {
                    one.judged = judge(field, answers);
                    data_.set(field.key, typed(one));
                }
                standings_.push_back(std::move(one));
            }
        }
        // Each round goes through the form from its top, and a change is seen at once by what follows.
        // Conditions that chase each other end after as many rounds as there are fields, and one.
        for (std::size_t i = 0; i <= standings_.size(); ++i) {
            if (!round()) break;
        }
    }

    const std::vector<Standing>& standings() const { return standings_; }

    // A page whose questions are all hidden is not shown for its texts alone.
    bool shows(const Page& page) const {
        bool asks = false;
        bool shown = false;
        bool shown_question = false;
        for (const Standing& one : standings_) {
            if (one.page != &page) continue;
            asks = asks || !one.field->key.empty();
            shown = shown || one.shown;
            shown_question = shown_question || (one.shown && !one.field->key.empty());
        }
        return asks ? shown_question : shown;
    }

    Checked checked(const Page* only) const {
        Checked result;
        for (const Standing& one : standings_) {
            if (!one.shown || one.field->key.empty()) continue;
            if (one.judged.value) result.data[one.field->key] = *one.judged.value;
            if (one.judged.problem.empty() || (only != nullptr && one.page != only)) continue;
            result.problems.push_back({one.page->id, one.field->key, one.judged.problem, one.judged.values});
        }
        return result;
    }

private:
    static feel::Value typed(const Standing& one) {
        return one.shown && one.judged.value ? feel::from_json(*one.judged.value) : feel::Value();
    }

    bool round() {
        bool changed = false;
        const Page* page = nullptr;
        bool page_hidden = false;
        for (Standing& one : standings_) {
            if (one.page != page) {
                page = one.page;
                page_hidden = holds(page->hide, data_);
            }
            const bool shown = !page_hidden && !holds(one.field->hide, data_);
            if (shown == one.shown) continue;
            one.shown = shown;
            changed = true;
            if (!one.field->key.empty()) data_.set(one.field->key, typed(one));
        }
        return changed;
    }

    std::vector<Standing> standings_;
    feel::Context data_;
};

// Text as a person would type it.
std::string typed_text(const json::value& value) { return feel::text_of(feel::from_json(value)); }

}  // namespace

std::vector<const Page*> shown_pages(const Form& form, const Answers& answers) {
    const Settling settled(form, answers);
    std::vector<const Page*> pages;
    for (const Page& page : form.pages) {
        if (settled.shows(page)) pages.push_back(&page);
    }
    return pages;
}

std::vector<const Field*> shown_fields(const Page& page, const Answers& answers, const Form& form) {
    const Settling settled(form, answers);
    std::vector<const Field*> fields;
    for (const Standing& one : settled.standings()) {
        if (one.page == &page && one.shown) fields.push_back(one.field);
    }
    return fields;
}

Checked check(const Form& form, const Answers& answers) { return Settling(form, answers).checked(nullptr); }

Checked check_page(const Form& form, const Page& page, const Answers& answers) { return Settling(form, answers).checked(&page); }

Answers answers_of(const Form& form, const json::object& data) {
    Answers answers;
    for (const Page& page : form.pages) {
        for (const Field& field : page.fields) {
            const auto* value = field.key.empty() ? nullptr : data.if_contains(field.key);
            if (value == nullptr || value->is_null() || value->is_object()) continue;
            if (value->is_bool() && !value->get_bool()) continue;   // an empty box sends nothing
            auto& texts = answers[field.key];
            if (const auto* list = value->if_array()) {
                for (const auto& item : *list) texts.push_back(typed_text(item));
            } else {
                texts.push_back(typed_text(*value));
            }
        }
    }
    return answers;
}

}  // namespace madang::form
