// The words of a pack that people read, and which of them no translation has.
#include <set>

#include "base/text.h"
#include "catalogue/detail/service_process.h"
#include "decision/explain.h"

namespace madang::catalogue {
namespace {

void add_names(std::set<std::string>& sources, const process::Definition& process) {
    for (const process::Node& node : process.nodes) {
        if (!node.name.empty()) sources.insert(node.name);
        sources.insert(node.outcomes.begin(), node.outcomes.end());
        if (node.kind == process::NodeKind::user_task && node.role != kOfficer) sources.insert(node.role);
    }
}

// What people of this country read, in every file of the pack.
void add_sources(std::set<std::string>& sources, const Service& service) {
    for (const std::string* text : {&service.name, &service.summary, &service.life_event, &service.act, &service.article, &service.frame}) {
        if (!text->empty()) sources.insert(*text);
    }
    for (const auto* list : {&service.who_can_apply, &service.citizen_brings, &service.body_asks}) sources.insert(list->begin(), list->end());
    for (const Ground& ground : service.grounds) sources.insert(ground.text);
    for (const Exemption& one : service.exemptions) sources.insert({one.text, one.article});
    for (const Refund& one : service.refunds) sources.insert(one.article);
    if (service.pay_by) sources.insert(service.pay_by->article);
    if (service.completion) sources.insert(service.completion->article);
    if (service.appeal) sources.insert(service.appeal->article);
    if (!service.term.article.empty()) sources.insert(service.term.article);
    if (service.term.restarts) sources.insert(service.term.restarts->article);
    for (const government::AtEnd& one : service.term.at_end) sources.insert(one.article);
    for (const government::Term* term : {service.completion ? &service.completion->term : nullptr, service.appeal ? &service.appeal->term : nullptr}) {
        if (term == nullptr) continue;
        if (!term->article.empty()) sources.insert(term->article);
        for (const government::AtEnd& one : term->at_end) sources.insert(one.article);
    }
    add_names(sources, service.process);
    for (const process::Definition& called : service.called) add_names(sources, called);
    if (service.decisions) {
        for (const std::string& text : decision::words_of(*service.decisions)) sources.insert(text);
    }
    for (const std::string& text : form::words_of(service.form)) sources.insert(text);
}

}  // namespace

std::vector<std::string> missing_words(const Pack& pack) {
    std::set<std::string> sources{pack.site_name};
    for (const std::string& role : pack.roles) sources.insert(role);
    for (const Service& service : pack.services) add_sources(sources, service);
    std::vector<std::string> problems;
    for (const auto& [language, words] : pack.words) {
        for (const std::string& source : sources) {
            if (!words.has(source)) problems.push_back(format("po/{}.po: no translation of \"{}\"", language, source));
        }
    }
    return problems;
}

}  // namespace madang::catalogue
