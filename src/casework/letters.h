// What the body and the applicant write to each other in a case: messages with files, the receipt of which is on disk
// with their SHA-256, and the one letter that names everything missing. Text and files are sealed under the applicant's key.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "casework/case.h"
#include "store/store.h"

namespace madang::casework {

class Casework;
struct CaseRow;
struct Officer;

inline constexpr std::size_t kMaxMessage = 4000;             // characters
inline constexpr std::size_t kMaxFileBytes = 10U << 20;
inline constexpr std::size_t kMaxFilesOfMessage = 10;
inline constexpr std::size_t kMaxItems = 30;                 // of one letter

// A file as it comes in. What it is says its content, never its name: PDF, PNG or JPEG.
struct Upload {
    std::string name;
    std::string bytes;
};

struct Attachment {
    std::string name;
    std::string media_type;
    std::string sha256;      // hexadecimal
    std::int64_t size = 0;   // bytes
};

// A file of a case: of which message, and its place there from 0.
struct FileRef {
    std::int64_t message = 0;
    std::int64_t place = 0;
    friend auto operator<=>(const FileRef&, const FileRef&) = default;
};
// "3/0". Code::invalid.
Result<FileRef> parse_file_ref(std::string_view text);

struct Message {
    enum class Side { applicant, body };
    enum class Kind { message, completion, answer, decision, appeal, fee, reopening };   // fee: the exemption is refused, pay by that day
    std::int64_t number = 0;             // in the case, from 1
    Instant at{};
    Side side = Side::body;
    Kind kind = Kind::message;
    std::string author = {};             // account id, "system"
    std::string text = {};
    std::vector<std::string> items = {};         // of a completion: what is missing; of a fee: the article
    std::optional<Instant> reply_by = {};        // of a completion and a fee
    std::vector<Attachment> files = {};
};
std::string_view name_of(Message::Side side);
std::string_view name_of(Message::Kind kind);

// PDF, PNG or JPEG by their first bytes; nothing for anything else.
std::optional<std::string_view> media_type_of(std::string_view bytes);

class Letters {
public:
    explicit Letters(Casework& casework) : casework_(casework) {}

    // The officer names everything that is missing, once: the clock stands until the applicant answers. Code::conflict for
    // a second letter, or where the case waits for somebody else.
    Result<Message> request_completion(const CaseId& id, const Officer& officer, const std::vector<std::string>& items, std::string_view text);
    // The applicant answers it: the case is with the officer again, the clock goes on.
    Result<Message> answer_completion(const CaseSummary& summary, const identity::AccountId& account, std::string_view text, const std::vector<Upload>& files);
    // Does what the service says where the time for an answer is over: the officer decides on what is there, or the case
    // lapses. False where none is over.
    Result<bool> work_once(Instant now);
    // Code::conflict where another officer has the case.
    Result<Message> write_to_applicant(const CaseId& id, const Officer& officer, std::string_view text, const std::vector<Upload>& files);
    Result<Message> write_to_body(const CaseSummary& summary, const identity::AccountId& account, std::string_view text, const std::vector<Upload>& files);

    // Oldest first. The reading is written down, as everything personal.
    Result<std::vector<Message>> messages(const CaseSummary& summary, const identity::Access& access);
    struct Opened {
        Attachment about;
        Bytes bytes;
    };
    Result<Opened> file(const CaseSummary& summary, std::int64_t message, std::size_t place, const identity::Access& access);

    // Inside another command.
    // What stands in the case under these references, in their order. Code::invalid where there is no such file.
    Result<std::vector<Attachment>> attachments(store::Reader& reader, const CaseSummary& summary, const std::vector<FileRef>& files);
    Result<Bytes> bytes_of(store::Reader& reader, const CaseSummary& summary, const FileRef& file, const Attachment& about);
    // Files that come with an application: its first message, with an act that commits to them.
    Result<void> receive_files(store::Tx& tx, const CaseSummary& summary, const std::vector<Upload>& files);
    // Inside another command: an answer is waited for no longer, the case is with an officer.
    Result<void> leave_reply(store::Tx& tx, CaseRow& row);
    // Nothing is asked of the applicant any more.
    static Result<void> forget_reply(store::Tx& tx, const CaseSummary& summary);
    Result<Message> add(store::Tx& tx, const CaseSummary& summary, Message message, const std::vector<Upload>& files);

private:
    Result<void> end_waiting(store::Tx& tx, CaseRow& row);
    Result<void> end_reply(const std::string& body, const CaseId& id);
    Result<Message> write(store::Tx& tx, const CaseRow& row, const Message& message, const std::vector<Upload>& files, std::string_view capacity);
    Result<std::vector<Message>> all_of(store::Reader& reader, const CaseSummary& summary);

    Casework& casework_;
};

}  // namespace madang::casework
