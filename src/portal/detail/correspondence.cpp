#include "portal/detail/correspondence.h"

#include "http/multipart.h"

namespace madang::portal {
namespace {

using House = Portal::House;
using casework::CaseSummary;
using casework::Message;
using casework::Payment;

std::string from_text(const Visit& visit, const Message& message, Message::Side side) {
    if (message.kind == Message::Kind::completion) return visit.text("Letter: please supply what is missing");
    if (message.kind == Message::Kind::reopening) return visit.text("Letter: the case is opened again");
    if (message.kind == Message::Kind::decision) return visit.text("Letter: the decision");
    if (message.kind == Message::Kind::fee) return visit.text("Letter: the exemption from the fee is refused, please pay");
    if (message.side == side) return visit.text("You");
    return visit.text(message.side == Message::Side::body ? "The body" : "The applicant");
}

}  // namespace

std::string size_text(std::int64_t bytes) {
    if (bytes < 1024) return format("{} B", bytes);
    return bytes < (1 << 20) ? format("{} KB", (bytes + 1023) / 1024) : format("{} MB", (bytes + (1 << 20) - 1) / (1 << 20));
}

json::array message_rows(const House& house, const Visit& visit, const std::vector<Message>& messages, Message::Side side, const std::string& base) {
    json::array rows;
    for (const Message& one : messages) {
        json::array files;
        for (std::size_t i = 0; i < one.files.size(); ++i) {
            const auto& file = one.files[i];
            files.push_back({{"f_url", format("{}/file/{}/{}", base, one.number, i)}, {"f_name", file.name}, {"f_size", size_text(file.size)}, {"f_hash", file.sha256.substr(0, 16) + "…"}});
        }
        std::vector<std::string> items;
        for (const std::string& item : one.items) items.push_back("• " + (one.kind == Message::Kind::fee ? visit.text(item) : item));
        rows.push_back({{"m_from", from_text(visit, one, side)}, {"m_at", house.moment(visit, one.at)}, {"m_text", one.text}, {"m_items", join(items, "\n")},
                        {"m_by", one.reply_by ? house.moment(visit, *one.reply_by) : std::string()},
                        {"m_by_label", visit.text(one.kind == Message::Kind::fee ? "Pay by" : "Answer by")}, {"m_files", std::move(files)}});
    }
    return rows;
}

json::array link_rows(const Visit& visit, const std::vector<casework::Link>& links, const std::string& prefix) {
    json::array rows;
    for (const auto& one : links) {
        const char* text = "Joined with case {receipt}";
        if (one.kind == casework::Link::Kind::appeal_of) text = one.from_here ? "Appeal against the decision in {receipt}" : "The appeal against this decision: {receipt}";
        rows.push_back({{"l_url", prefix + one.other.receipt}, {"l_text", visit.text(text, {{"receipt", one.other.receipt}})}});
    }
    return rows;
}

json::array payment_rows(const House& house, const Visit& visit, const std::vector<Payment>& payments) {
    json::array rows;
    for (const Payment& one : payments) {
        const bool fee = one.kind == Payment::Kind::fee;
        std::string text = fee ? visit.text("Fee") : visit.text("The fee is given back");
        text += format(": {} {}", one.amount, one.currency);
        if (one.state == Payment::State::due) text += ", " + visit.text("not paid yet");
        if (one.pay_by && one.state == Payment::State::due) text += ", " + visit.text("Pay by") + " " + house.moment(visit, *one.pay_by);
        if (one.state == Payment::State::cancelled) text += ", " + visit.text("no longer, since the case was opened again");
        if (!fee && !one.article.empty()) text += ", " + visit.text(one.article);
        if (one.state == Payment::State::exempt) text += ", " + visit.text("not owed") + ": " + visit.text(one.article);
        if (one.state == Payment::State::paid && one.settled_at) text += ", " + visit.text("paid") + " " + house.moment(visit, *one.settled_at);
        rows.push_back(json::object{{"p_text", text}});
    }
    return rows;
}

// The names that people gave the steps are words of the pack.
Result<process::Diagram> named_diagram(const Visit& visit, const casework::Casework::Course& course, std::string_view name) {
    TRY(process::Diagram diagram, process::read_diagram(*course.model, name));
    for (process::Shape& shape : diagram.shapes) {
        if (!shape.name.empty()) shape.name = visit.text(shape.name);
    }
    for (process::Edge& edge : diagram.edges) {
        if (!edge.name.empty()) edge.name = visit.text(edge.name);
    }
    return diagram;
}

namespace {

Result<std::optional<process::Diagram>> course_diagram(const House& house, const Visit& visit, const CaseSummary& summary, process::Progress& progress) {
    TRY(auto course, house.parts.casework.course_of(summary));
    if (!course) return std::optional<process::Diagram>();
    TRY(process::Diagram diagram, named_diagram(visit, *course, summary.service));
    progress = std::move(course->progress);
    return std::optional(std::move(diagram));
}

}  // namespace

Result<std::optional<std::string>> course_picture(const House& house, const Visit& visit, const CaseSummary& summary) {
    process::Progress progress;
    TRY(const auto diagram, course_diagram(house, visit, summary, progress));
    if (!diagram) return std::optional<std::string>();
    return std::optional(process::draw_svg(*diagram, progress, {house.service_name(visit, summary.service), visit.text("The list below tells the same")}));
}

Response picture_of(const House& house, const Visit& visit, const CaseSummary& summary) {
    const auto picture = course_picture(house, visit, summary);
    if (!picture) return house.failure(visit, picture.error());
    return *picture ? Response::bytes(**picture, "image/svg+xml") : house.failure(visit, {Code::not_found, ""});
}

Result<json::array> course_steps(const House& house, const Visit& visit, const CaseSummary& summary) {
    process::Progress progress;
    TRY(const auto diagram, course_diagram(house, visit, summary, progress));
    json::array rows;
    if (!diagram) return rows;
    for (const process::StepLine& line : process::list_steps(*diagram, progress)) {
        std::string state = visit.text("ahead");
        if (line.state == process::StepLine::State::passed) state = visit.text("done");
        if (line.state == process::StepLine::State::here) state = visit.text("now here");
        if (line.state == process::StepLine::State::trouble) state = visit.text("stands, an operator looks at it");
        if (line.state == process::StepLine::State::not_taken) state = visit.text("not taken");
        rows.push_back({{"s_name", line.name}, {"s_state", state}, {"s_here", line.state == process::StepLine::State::here}});
    }
    return rows;
}

std::string last_day(const House& house, const Visit& visit, Instant end) {
    return long_date(house.parts.pack.government.time_zone().date(end - std::chrono::seconds(1)), visit.language);
}

std::expected<Written, Response> read_written(const House& house, const Visit& visit) {
    auto parts = http::parts_of(visit.request);
    if (!parts) return std::unexpected(not_done(house, visit, parts.error(), visit.request.path));
    Written written;
    http::Fields fields;
    for (auto& part : *parts) {
        if (part.name == "files") {
            if (!part.content.empty() || !part.file_name.empty()) written.files.push_back({std::move(part.file_name), std::move(part.content)});
        } else {
            fields.add(part.name, part.content);
        }
    }
    if (!house.has_token(visit, fields)) return std::unexpected(house.expired(visit));
    written.text = fields.value_or("text", "");
    return written;
}

std::expected<http::Fields, Response> read_fields(const House& house, const Visit& visit) {
    auto fields = visit.request.form();
    if (!fields) return std::unexpected(house.failure(visit, fields.error()));
    if (!house.has_token(visit, *fields)) return std::unexpected(house.expired(visit));
    return std::move(*fields);
}

Response not_done(const House& house, const Visit& visit, const Error& error, const std::string& back) {
    const std::string link = visit.text("Back to the case");
    const std::string title = visit.text("This was not done");
    switch (error.code) {
        case Code::invalid:
            return house.message(visit, 422, title, {visit.text("Something is missing or cannot be read. Check the texts; a file is PDF, PNG or JPEG.")}, back, link);
        case Code::exhausted:
            return house.message(visit, 413, title, {visit.text("That is too much: a file has at most 10 MB, and at most 10 files go with a message.")}, back, link);
        case Code::conflict:
            return house.message(visit, 409, title, {visit.text("The case has moved on in the meantime, waits for somebody else, or another officer has it.")}, back, link);
        case Code::denied:
            return house.message(visit, 403, title, {visit.text("Another person must do this: nobody decides on a case of their own, nor confirms a decision of their own."),
                                                     visit.text("If it is neither, the operator has not yet said which person works with your account.")}, back, link);
        case Code::not_found: case Code::corrupted: case Code::unavailable: break;
    }
    return house.failure(visit, error);
}

Response file_of(const House& house, const Visit& visit, const casework::CaseSummary& summary, const identity::Access& access) {
    const auto number = parse_decimal(visit.request.parameter("number"));
    const auto place = parse_decimal(visit.request.parameter("place"));
    if (!number || !place || *number > 1'000'000 || *place > casework::kMaxFilesOfMessage) return house.failure(visit, {Code::not_found, ""});
    const auto file = house.parts.casework.letters().file(summary, static_cast<std::int64_t>(*number), *place, access);
    if (!file) return house.failure(visit, file.error());
    return Response::download(std::string(as_text(file->bytes)), file->about.media_type, file->about.name);
}

}  // namespace madang::portal
