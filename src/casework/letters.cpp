#include "casework/letters.h"

#include <algorithm>
#include <array>
#include <utility>

#include "base/text.h"
#include "base/time_text.h"
#include "casework/case_repository.h"
#include "casework/casework.h"
#include "crypto/hash.h"

namespace madang::casework {
namespace {

using store::Row;

constexpr const char* kNextNumber = "SELECT coalesce(max(number),0)+1 FROM casework_message WHERE body=$1 AND case_id=$2";
constexpr const char* kInsert = "INSERT INTO casework_message (body, case_id, number, at, side, kind, author, content) VALUES ($1,$2,$3,$4,$5,$6,$7,$8)";
constexpr const char* kInsertFile = "INSERT INTO casework_file (body, case_id, number, place, sha256, size, media_type, content) VALUES ($1,$2,$3,$4,$5,$6,$7,$8)";
constexpr const char* kList = "SELECT number, at, side, kind, author, content FROM casework_message WHERE body=$1 AND case_id=$2 ORDER BY number LIMIT 1000";
constexpr const char* kHasKind = "SELECT number FROM casework_message WHERE body=$1 AND case_id=$2 AND kind=$3 AND at>=$4";
constexpr const char* kFile = "SELECT media_type, sha256, size, content FROM casework_file WHERE body=$1 AND case_id=$2 AND number=$3 AND place=$4";
constexpr const char* kAwaitReply = "INSERT INTO casework_reply (body, case_id, reply_by) VALUES ($1,$2,$3)";
constexpr const char* kForgetReply = "DELETE FROM casework_reply WHERE body=$1 AND case_id=$2";
constexpr const char* kNextReply = "SELECT body, case_id FROM casework_reply WHERE reply_by<$1 AND ";
constexpr std::size_t kMaxFileName = 200;
constexpr std::size_t kMaxItem = 300;

constexpr std::array<std::pair<Message::Kind, std::string_view>, 7> kKinds{{{Message::Kind::message, "message"},
                                                                            {Message::Kind::completion, "completion"},
                                                                            {Message::Kind::answer, "answer"},
                                                                            {Message::Kind::decision, "decision"},
                                                                            {Message::Kind::appeal, "appeal"},
                                                                            {Message::Kind::fee, "fee"},
                                                                            {Message::Kind::reopening, "reopening"}}};

Result<Message::Kind> parse_kind(std::string_view text) {
    for (const auto& [kind, name] : kKinds) {
        if (name == text) return kind;
    }
    return fail(Code::corrupted, format("there is no kind of message \"{}\"", text));
}

Result<std::string> text_of_message(std::string_view given) {
    TRY(std::string text, tidy_lines(given));
    if (text.empty() || count_code_points(text) > kMaxMessage) return fail(Code::invalid, format("a message has 1 to {} characters", kMaxMessage));
    return text;
}

json::object json_of(const Message& message) {
    json::array items;
    for (const std::string& item : message.items) items.emplace_back(item);
    json::array files;
    for (const Attachment& one : message.files) {
        files.push_back(json::object{{"name", one.name}, {"media_type", one.media_type}, {"sha256", one.sha256}, {"size", one.size}});
    }
    json::object object{{"text", message.text}, {"items", std::move(items)}, {"files", std::move(files)}};
    if (message.reply_by) object["reply_by"] = format_instant(*message.reply_by);
    return object;
}

Result<void> fill(Message& message, std::string_view content) {
    TRY(const json::value value, parse_json(content));
    if (!value.is_object()) return fail(Code::corrupted, "a message is an object");
    const json::object& object = value.get_object();
    TRY(message.text, string_at(object, "text", "message"));
    TRY(const json::array items, array_at(object, "items", "message"));
    for (const json::value& item : items) message.items.emplace_back(item.as_string());
    TRY(const json::array files, array_at(object, "files", "message"));
    for (const json::value& file : files) {
        const json::object& one = file.as_object();
        message.files.push_back({string_or(one, "name", ""), string_or(one, "media_type", ""), string_or(one, "sha256", ""), integer_or(one, "size", 0)});
    }
    if (const std::string by = string_or(object, "reply_by", ""); !by.empty()) {
        TRY(message.reply_by, parse_instant(by));
    }
    return {};
}

// The name without folders and control characters.
Result<std::string> name_of_file(std::string_view given) {
    TRY(std::string name, tidy_line(given.substr(given.find_last_of("/\\") == std::string_view::npos ? 0 : given.find_last_of("/\\") + 1)));
    if (name.empty() || name.size() > kMaxFileName) return fail(Code::invalid, format("a file's name has 1 to {} bytes", kMaxFileName));
    return name;
}

Result<Attachment> attachment_of(const Upload& upload) {
    Attachment attachment;
    TRY(attachment.name, name_of_file(upload.name));
    if (upload.bytes.empty()) return fail(Code::invalid, format("the file \"{}\" is empty", attachment.name));
    if (upload.bytes.size() > kMaxFileBytes) return fail(Code::exhausted, format("the file \"{}\" is larger than {} MB", attachment.name, kMaxFileBytes >> 20));
    const auto type = media_type_of(upload.bytes);
    if (!type) return fail(Code::invalid, format("the file \"{}\" is no PDF, PNG or JPEG", attachment.name));
    attachment.media_type = *type;
    attachment.sha256 = hex(crypto::sha256(as_bytes(upload.bytes)));
    attachment.size = static_cast<std::int64_t>(upload.bytes.size());
    return attachment;
}

}  // namespace

std::string_view name_of(Message::Side side) { return side == Message::Side::applicant ? "applicant" : "body"; }

std::string_view name_of(Message::Kind kind) {
    for (const auto& [value, name] : kKinds) {
        if (value == kind) return name;
    }
    std::unreachable();
}

std::optional<std::string_view> media_type_of(std::string_view bytes) {
    if (bytes.starts_with("%PDF-")) return "application/pdf";
    if (bytes.starts_with("\x89PNG\r\n\x1a\n")) return "image/png";
    if (bytes.starts_with("\xff\xd8\xff")) return "image/jpeg";
    return std::nullopt;
}

Result<Message> Letters::add(store::Tx& tx, const CaseSummary& summary, Message message, const std::vector<Upload>& files) {
    if (files.size() > kMaxFilesOfMessage) return fail(Code::invalid, format("a message carries at most {} files", kMaxFilesOfMessage));
    const Parts& parts = casework_.parts_;
    message.at = parts.clock.now();
    message.files.clear();
    for (const Upload& upload : files) {
        TRY(Attachment attachment, attachment_of(upload));
        message.files.push_back(std::move(attachment));
    }
    const auto first = [](const Row& row) -> Result<std::int64_t> { return row.integer(0); };
    TRY(const auto number, tx.first<std::int64_t>(kNextNumber, {summary.body, summary.id.text()}, first));
    message.number = number.value_or(1);
    TRY(Bytes content, parts.vault.seal(tx, summary.applicant.person, as_bytes(json::serialize(json_of(message)))));
    TRY_DO(tx.execute(kInsert, {summary.body, summary.id.text(), message.number, message.at.time_since_epoch().count(), std::string(name_of(message.side)),
                                std::string(name_of(message.kind)), message.author, std::move(content)}));
    for (std::size_t i = 0; i < files.size(); ++i) {
        const Attachment& about = message.files[i];
        TRY(Bytes sealed, parts.vault.seal(tx, summary.applicant.person, as_bytes(files[i].bytes)));
        TRY_DO(tx.execute(kInsertFile, {summary.body, summary.id.text(), message.number, static_cast<std::int64_t>(i), about.sha256, about.size,
                                        about.media_type, std::move(sealed)}));
    }
    return message;
}

Result<void> Letters::receive_files(store::Tx& tx, const CaseSummary& summary, const std::vector<Upload>& files) {
    TRY(const Message added, add(tx, summary, {.side = Message::Side::applicant, .kind = Message::Kind::message, .author = summary.applicant.account.text()}, files));
    json::array hashes;
    for (const Attachment& one : added.files) hashes.emplace_back(one.sha256);
    return casework_.record(tx, summary, "message.received", summary.applicant.account.text(), summary.applicant.capacity, {{"number", added.number}, {"files_sha256", std::move(hashes)}});
}

// The act commits to the text and the files by their hashes, so that nobody can say later that something else was sent.
Result<Message> Letters::write(store::Tx& tx, const CaseRow& row, const Message& message, const std::vector<Upload>& files, std::string_view capacity) {
    TRY(Message added, add(tx, row.summary, message, files));
    json::array hashes;
    for (const Attachment& one : added.files) hashes.emplace_back(one.sha256);
    const bool received = message.side == Message::Side::applicant;
    json::object details{{"number", added.number}, {"files_sha256", std::move(hashes)}};
    const std::string& holder = row.summary.assignee;
    if (!received && !holder.empty() && holder != message.author) details["for"] = holder;
    TRY_DO(casework_.record(tx, row.summary, received ? "message.received" : "message.sent", message.author, std::string(capacity), std::move(details)));
    return added;
}

Result<Message> Letters::write_to_applicant(const CaseId& id, const Officer& officer, std::string_view given, const std::vector<Upload>& files) {
    TRY(const std::string text, text_of_message(given));
    return casework_.parts_.store.write<Message>([&](store::Tx& tx) -> Result<Message> {
        TRY(const CaseRow row, casework_.case_row(tx, officer.body, id));
        TRY_DO(casework_.desk().require_turn(tx, row, officer));
        return write(tx, row, {.side = Message::Side::body, .author = officer.account.text(), .text = text}, files, "officer");
    });
}

Result<Message> Letters::write_to_body(const CaseSummary& summary, const identity::AccountId& account, std::string_view given, const std::vector<Upload>& files) {
    TRY(const std::string text, text_of_message(given));
    return casework_.parts_.store.write<Message>([&](store::Tx& tx) -> Result<Message> {
        TRY(const CaseRow row, casework_.case_row(tx, summary.body, summary.id));
        return write(tx, row, {.side = Message::Side::applicant, .author = account.text(), .text = text}, files, row.summary.applicant.capacity);
    });
}

Result<Message> Letters::request_completion(const CaseId& id, const Officer& officer, const std::vector<std::string>& items, std::string_view text) {
    Message letter{.side = Message::Side::body, .kind = Message::Kind::completion, .author = officer.account.text()};
    if (items.empty() || items.size() > kMaxItems) return fail(Code::invalid, format("the letter names 1 to {} things", kMaxItems));
    for (const std::string& given : items) {
        TRY(std::string item, tidy_line(given));
        if (item.empty() || count_code_points(item) > kMaxItem) return fail(Code::invalid, format("each thing is named in 1 to {} characters", kMaxItem));
        letter.items.push_back(std::move(item));
    }
    TRY(letter.text, tidy_lines(text));
    if (count_code_points(letter.text) > kMaxMessage) return fail(Code::invalid, format("a message has at most {} characters", kMaxMessage));
    return casework_.parts_.store.write<Message>([&](store::Tx& tx) -> Result<Message> {
        TRY(CaseRow row, casework_.undecided_case(tx, officer.body, id));
        TRY_DO(casework_.desk().require_turn(tx, row, officer));
        if (row.summary.status != Status::with_officer) return fail(Code::conflict, "the case is not with an officer");
        const auto any = [](const Row&) -> Result<bool> { return true; };
        // A case that was opened again is examined anew.
        TRY(const Instant since, casework_.terms().began(tx, row));
        TRY(const auto before, tx.first<bool>(kHasKind, {row.summary.body, row.summary.id.text(), std::string("completion"), since.time_since_epoch().count()}, any));
        if (before) return fail(Code::conflict, "everything missing is named in one letter, and it was sent");
        const catalogue::Service* service = casework_.parts_.pack.find_service(row.summary.service);
        // Without a date for the answer the term would stand for ever.
        if (service == nullptr || !service->completion) return fail(Code::conflict, "the service does not say how long an answer to this letter may take (\"completion\" in service.json); write to the applicant instead");
        TRY(const government::DueDate reply, casework_.parts_.pack.government.due_at(row.summary.body, casework_.parts_.clock.now(), service->completion->term));
        letter.reply_by = reply.at;
        TRY(Message sent, add(tx, row.summary, letter, {}));
        TRY_DO(tx.execute(kAwaitReply, {row.summary.body, row.summary.id.text(), letter.reply_by->time_since_epoch().count()}));
        row.summary.status = Status::awaiting_applicant;
        TRY_DO(casework_.terms().suspend(tx, row, government::WaitingFor::applicant, "the applicant supplies what the letter names", officer.account.text()));
        json::object details{{"items", static_cast<std::int64_t>(letter.items.size())}, {"article", service->completion->article}};
        if (const std::string whom = Desk::acting_for(row, officer); !whom.empty()) details["for"] = whom;
        TRY_DO(casework_.record(tx, row.summary, "completion.requested", officer.account.text(), "officer", std::move(details)));
        TRY_DO(update_case(tx, row));
        return sent;
    });
}

Result<Message> Letters::answer_completion(const CaseSummary& summary, const identity::AccountId& account, std::string_view text, const std::vector<Upload>& files) {
    Message answer{.side = Message::Side::applicant, .kind = Message::Kind::answer, .author = account.text()};
    TRY(answer.text, text_of_message(text));
    return casework_.parts_.store.write<Message>([&](store::Tx& tx) -> Result<Message> {
        TRY(CaseRow row, casework_.open_case(tx, summary.body, summary.id));
        if (row.summary.status != Status::awaiting_applicant) return fail(Code::conflict, "nothing is asked of the applicant");
        TRY(Message sent, add(tx, row.summary, answer, files));
        row.summary.status = Status::with_officer;
        TRY_DO(forget_reply(tx, row.summary));
        json::array hashes;
        for (const Attachment& one : sent.files) hashes.emplace_back(one.sha256);
        TRY_DO(casework_.record(tx, row.summary, "completion.supplied", account.text(), row.summary.applicant.capacity,
                                {{"number", sent.number}, {"files_sha256", std::move(hashes)}}));
        TRY_DO(casework_.resume_if_free(tx, row, "system"));
        TRY_DO(update_case(tx, row));
        return sent;
    });
}

Result<void> Letters::end_waiting(store::Tx& tx, CaseRow& row) {
    const catalogue::Service* service = casework_.parts_.pack.find_service(row.summary.service);
    const auto* completion = service != nullptr && service->completion ? &*service->completion : nullptr;
    const bool lapses = completion != nullptr && completion->unanswered == catalogue::Completion::Unanswered::lapse;
    const std::string article = completion != nullptr ? completion->article : std::string();
    json::object details{{"effect", lapses ? "lapse" : "officer"}, {"article", article}};
    if (lapses) {
        row.summary.decided_at = casework_.parts_.clock.now();
        row.summary.decided_by = format("law:{}", article);
        row.summary.article = article;
        row.summary.status = Status::lapsed;
        TRY(const CaseContent content, casework_.content_of(tx, row));
        TRY_DO(casework_.decisions().add(tx, row.summary, content, Effect::lapsed, details));
    }
    TRY_DO(casework_.record(tx, row.summary, "completion.unanswered", "system", "system", std::move(details)));
    if (lapses) {
        return casework_.procedures().close(tx, row, Status::lapsed, "system");
    }
    row.summary.status = Status::with_officer;
    TRY_DO(casework_.resume_if_free(tx, row, "system"));
    return update_case(tx, row);
}

Result<void> Letters::forget_reply(store::Tx& tx, const CaseSummary& summary) {
    TRY_DO(tx.execute(kForgetReply, {summary.body, summary.id.text()}));
    return Troubles::over(tx, {summary.body, summary.id, Work::reply, 0});
}

Result<void> Letters::leave_reply(store::Tx& tx, CaseRow& row) {
    TRY_DO(forget_reply(tx, row.summary));
    if (row.summary.status != Status::awaiting_applicant) return {};
    row.summary.status = Status::with_officer;
    TRY_DO(casework_.resume_if_free(tx, row, "system"));
    return update_case(tx, row);
}

Result<bool> Letters::work_once(Instant now) {
    static const std::string query = kNextReply + not_in_trouble("casework_reply", Work::reply) + " ORDER BY reply_by LIMIT 1";
    using Due = std::pair<std::string, std::string>;
    const auto place = [](const Row& row) -> Result<Due> { return Due(row.text(0), row.text(1)); };
    TRY(const auto due, casework_.parts_.store.read<std::optional<Due>>(
                            [&](store::Reader& reader) { return reader.first<Due>(query, {now.time_since_epoch().count()}, place); }));
    if (!due) return false;
    TRY(const CaseId id, CaseId::parse(due->second));
    if (const auto ended = end_reply(due->first, id); !ended) TRY_DO(casework_.troubles().failed({due->first, id, Work::reply, 0}, ended.error()));
    return true;
}

Result<void> Letters::end_reply(const std::string& body, const CaseId& id) {
    return casework_.parts_.store.write([&](store::Tx& tx) -> Result<void> {
        TRY_DO(tx.execute(kForgetReply, {body, id.text()}));
        TRY_DO(Troubles::over(tx, {body, id, Work::reply, 0}));
        TRY(auto row, find_case_row(tx, body, id));
        // Withdrawn, or answered on another node.
        return row && row->summary.status == Status::awaiting_applicant ? end_waiting(tx, *row) : Result<void>();
    });
}

Result<std::vector<Message>> Letters::messages(const CaseSummary& summary, const identity::Access& access) {
    return casework_.parts_.store.write<std::vector<Message>>([&](store::Tx& tx) -> Result<std::vector<Message>> {
        TRY_DO(casework_.parts_.access_log.record(tx, access, summary.applicant.person, "letters"));
        return all_of(tx, summary);
    });
}

Result<std::vector<Message>> Letters::all_of(store::Reader& reader, const CaseSummary& summary) {
    return reader.all<Message>(kList, {summary.body, summary.id.text()}, [&](const Row& row) -> Result<Message> {
        Message message;
        message.number = row.integer(0);
        message.at = Instant(std::chrono::microseconds(row.integer(1)));
        message.side = row.text(2) == "applicant" ? Message::Side::applicant : Message::Side::body;
        TRY(message.kind, parse_kind(row.text(3)));
        message.author = row.text(4);
        const ByteSpan sealed = row.bytes(5);
        TRY(const Bytes content, casework_.parts_.vault.open(reader, summary.applicant.person, sealed));
        TRY_DO(fill(message, as_text(content)));
        return message;
    });
}

Result<Letters::Opened> Letters::file(const CaseSummary& summary, std::int64_t message, std::size_t place, const identity::Access& access) {
    store::Store& store = casework_.parts_.store;
    TRY(Attachment about, store.write<Attachment>([&](store::Tx& tx) -> Result<Attachment> {
        TRY_DO(casework_.parts_.access_log.record(tx, access, summary.applicant.person, "file"));
        TRY(const std::vector<Message> all, all_of(tx, summary));
        const auto found = std::ranges::find(all, message, &Message::number);
        if (found == all.end() || place >= found->files.size()) return fail(Code::not_found, "there is no such file");
        return found->files[place];
    }));
    // Outside the writer: it may be large.
    TRY(Bytes bytes, store.read<Bytes>([&](store::Reader& reader) { return bytes_of(reader, summary, {message, static_cast<std::int64_t>(place)}, about); }));
    return Opened{std::move(about), std::move(bytes)};
}

Result<Bytes> Letters::bytes_of(store::Reader& reader, const CaseSummary& summary, const FileRef& file, const Attachment& about) {
    TRY(auto sealed, reader.first<Bytes>(kFile, {summary.body, summary.id.text(), file.message, file.place}, [](const Row& row) -> Result<Bytes> {
        const ByteSpan bytes = row.bytes(3);
        return Bytes(bytes.begin(), bytes.end());
    }));
    if (!sealed) return fail(Code::not_found, "there is no such file");
    TRY(Bytes bytes, casework_.parts_.vault.open(reader, summary.applicant.person, *sealed));
    if (hex(crypto::sha256(bytes)) != about.sha256) return fail(Code::corrupted, "the file is not what was sent: its hash differs");
    return bytes;
}

Result<std::vector<Attachment>> Letters::attachments(store::Reader& reader, const CaseSummary& summary, const std::vector<FileRef>& files) {
    std::vector<Attachment> found;
    if (files.empty()) return found;
    TRY(const std::vector<Message> all, all_of(reader, summary));
    for (const FileRef& file : files) {
        const auto message = std::ranges::find(all, file.message, &Message::number);
        if (message == all.end() || file.place < 0 || file.place >= std::ssize(message->files)) return fail(Code::invalid, format("the case has no file {}/{}", file.message, file.place));
        found.push_back(message->files[static_cast<std::size_t>(file.place)]);
    }
    return found;
}

Result<FileRef> parse_file_ref(std::string_view text) {
    const std::size_t slash = text.find('/');
    const auto message = parse_decimal(text.substr(0, slash));
    const auto place = slash == std::string_view::npos ? Result<std::uint64_t>(fail(Code::invalid, "")) : parse_decimal(text.substr(slash + 1));
    if (!message || !place || *message > 1'000'000 || *place > kMaxFilesOfMessage) return fail(Code::invalid, format("\"{}\" names no file: MESSAGE/PLACE such as 1/0 was expected", text));
    return FileRef{static_cast<std::int64_t>(*message), static_cast<std::int64_t>(*place)};
}

}  // namespace madang::casework
