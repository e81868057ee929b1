#include "api/answers.h"

#include <map>

#include "api/problem.h"
#include "api/summary.h"
#include "base/text.h"
#include "base/time_text.h"

namespace madang::api {

using http::Response;

Result<form::Answers> read_answers(const json::object& object) {
    form::Answers answers;
    for (const auto& member : object) {
        auto& texts = answers[std::string(member.key())];
        const json::value& value = member.value();
        if (value.is_null()) continue;
        if (value.is_object()) return fail(Code::invalid, format("the answer \"{}\" cannot be an object", std::string_view(member.key())));
        const json::array items = value.is_array() ? value.get_array() : json::array{value};
        for (const auto& item : items) {
            if (item.is_bool()) {
                if (item.get_bool()) texts.emplace_back("true");
            } else if (item.is_string() || item.is_number()) {
                texts.push_back(feel::text_of(feel::from_json(item)));
            } else {
                return fail(Code::invalid, format("the answer \"{}\" is nested too deep", std::string_view(member.key())));
            }
        }
    }
    return answers;
}

json::array problems_of(const catalogue::Pack& pack, const std::string& language, const std::vector<form::Problem>& problems) {
    const Catalogue& words = pack.words_in(language);
    json::array list;
    for (const form::Problem& one : problems) {
        std::map<std::string, std::string, std::less<>> values(one.values.begin(), one.values.end());
        if (values.contains("label")) values["label"] = words.text(values["label"]);
        list.push_back({{"page", one.page}, {"key", one.key}, {"text", fill_in(words.text(one.message), values)}});
    }
    return list;
}

Response write_refused(const catalogue::Pack& pack, const std::string& language, const std::vector<form::Problem>& problems) {
    Response response = Response::json(json::serialize(json::value{{"type", "about:blank"}, {"title", "Unprocessable Content"}, {"status", 422},
                                                                   {"detail", "some answers are missing or cannot be read"}, {"problems", problems_of(pack, language, problems)}}) + "\n", 422);
    response.headers.set("Content-Type", "application/problem+json");
    return response;
}

Response received(const casework::Receipt& receipt) {
    Response response = answer({{"receipt", receipt.receipt}, {"submitted_at", format_instant(receipt.submitted_at)}, {"due_at", format_instant(receipt.due_at)}}, 201);
    response.headers.set("Location", "/api/v1/applications/" + receipt.receipt);
    return response;
}

Response submitted(const Parts& parts, const casework::Submission& submission, const std::optional<casework::DraftId>& draft) {
    const auto outcome = parts.casework.submit(submission, draft);
    if (!outcome) return problem(outcome.error());
    if (!outcome->receipt) return write_refused(parts.pack, submission.language, outcome->problems);
    return received(*outcome->receipt);
}

}  // namespace madang::api
