#include "casework/packages.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <map>
#include <memory>

#include "base/text.h"
#include "base/time_text.h"
#include "casework/case_repository.h"
#include "casework/casework.h"
#include "crypto/hash.h"

namespace madang::casework {
namespace {

constexpr std::size_t kMaxMessages = 1000;   // that Letters::messages() lists

Result<void> sync_folder(const Path& folder) {
    const int file = ::open(folder.empty() ? "." : folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    const bool synced = file >= 0 && ::fsync(file) == 0;
    if (file >= 0) ::close(file);
    if (!synced) return fail(Code::unavailable, format("cannot sync the folder of the package: {}", folder.string()));
    return {};
}

std::string_view ending_of(std::string_view media_type) {
    if (media_type == "application/pdf") return ".pdf";
    return media_type == "image/png" ? ".png" : ".jpg";
}

// A value of bag-info.txt stands on one line.
std::string on_one_line(std::string text) {
    std::ranges::replace_if(text, [](char c) { return c == '\n' || c == '\r'; }, ' ');
    return text;
}

std::string name_of_body(const government::Government& government, const std::string& code) {
    const government::Body* body = government.find(code);
    if (body == nullptr || body->name.empty()) return code;
    const auto english = body->name.find("en");
    return english != body->name.end() ? english->second : body->name.begin()->second;
}

}  // namespace

// The folder while it is written; goes with its content unless it was kept. RFC 8493.
class Packages::Bag {
public:
    static Result<std::unique_ptr<Bag>> beside(const Path& folder) {
        std::error_code error;
        if (folder.filename().empty()) return fail(Code::invalid, format("{} names no folder to make", folder.string()));
        if (std::filesystem::exists(std::filesystem::symlink_status(folder, error))) return fail(Code::conflict, format("{} is there already", folder.string()));
        std::string pattern = folder.string() + ".part-XXXXXX";
        if (::mkdtemp(pattern.data()) == nullptr) return fail(Code::unavailable, format("cannot make a folder beside {}; is its parent there, and may you write there?", folder.string()));
        return std::unique_ptr<Bag>(new Bag(folder, pattern));
    }
    ~Bag() {
        std::error_code error;
        if (!kept_) std::filesystem::remove_all(part_, error);
    }
    Bag(const Bag&) = delete;
    Bag& operator=(const Bag&) = delete;

    // Of the payload, by its path below data/.
    Result<void> add(const std::string& name, std::string_view content) {
        TRY_DO(put("data/" + name, content, payload_));
        bytes_ += std::ssize(content);
        return {};
    }
    Result<void> add_json(const std::string& name, const json::value& value) { return add(name, pretty_json(value)); }
    Result<void> add_tag(const std::string& name, std::string_view content) { return put(name, content, tags_); }
    Result<void> add_tag_manifest() {
        std::map<std::string, std::string> unlisted;
        return put("tagmanifest-sha256.txt", lines_of(tags_), unlisted);
    }

    std::string manifest() const { return lines_of(payload_); }
    const std::string& hash_of_tag(const std::string& name) const { return tags_.at(name); }
    std::int64_t files() const { return std::ssize(payload_); }
    std::int64_t bytes() const { return bytes_; }

    Result<void> keep() {
        std::error_code error;
        std::filesystem::rename(part_, folder_, error);
        if (error) return fail(Code::unavailable, format("cannot rename {} to {}: {}", part_.string(), folder_.string(), error.message()));
        kept_ = true;
        return sync_folder(folder_.parent_path());
    }

private:
    Bag(Path folder, Path part) : folder_(std::move(folder)), part_(std::move(part)) {}

    Result<void> put(const std::string& name, std::string_view content, std::map<std::string, std::string>& hashes) {
        const Path path = part_ / name;
        std::error_code error;
        std::filesystem::create_directories(path.parent_path(), error);
        if (error) return fail(Code::unavailable, format("cannot make {}: {}", path.parent_path().string(), error.message()));
        TRY_DO(write_file_whole(path, content, Readable::by_owner));
        hashes[name] = hex(crypto::sha256(as_bytes(content)));
        return {};
    }
    static std::string lines_of(const std::map<std::string, std::string>& hashes) {
        std::string lines;
        for (const auto& [name, hash] : hashes) lines += format("{}  {}\n", hash, name);
        return lines;
    }

    Path folder_, part_;
    std::map<std::string, std::string> payload_, tags_;   // SHA-256 by path in the bag
    std::int64_t bytes_ = 0;
    bool kept_ = false;
};

Result<Packages::Made> Packages::write(const CaseSummary& summary, const identity::Access& access, const Path& folder) {
    if (!is_closed(summary.status)) return fail(Code::conflict, format("the case {} is open ({}); a closed case is packed", summary.receipt, name_of(summary.status)));
    TRY(const auto acts, casework_.history(summary));
    TRY(const auto bag, Bag::beside(folder));
    TRY_DO(add_about(*bag, summary));
    TRY_DO(add_content(*bag, summary, access));
    TRY_DO(add_messages(*bag, summary, access));
    TRY_DO(add_decisions(*bag, summary, access));
    TRY_DO(add_certificate(*bag, summary, access));
    TRY_DO(add_history(*bag, summary));
    TRY(const Made made, finish(*bag, summary));
    TRY_DO(record(summary, access, made, acts.size()));
    TRY_DO(bag->keep());
    return made;
}

Result<void> Packages::add_about(Bag& bag, const CaseSummary& summary) {
    const Parts& parts = casework_.parts_;
    const catalogue::Service* service = parts.pack.find_service(summary.service);
    json::object about{{"format", "madang-case-package-1"},
                       {"receipt", summary.receipt},
                       {"case", summary.id.text()},
                       {"kind", name_of(summary.kind)},
                       {"body", summary.body},
                       {"body_name", name_of_body(parts.pack.government, summary.body)},
                       {"service", summary.service},
                       {"channel", summary.channel},
                       {"language", summary.language},
                       {"status", name_of(summary.status)},
                       {"submitted_at", format_instant(summary.submitted_at)},
                       {"due_at", format_instant(summary.due_at)},
                       {"packaged_at", format_instant(parts.clock.now())},
                       {"decided_by", summary.decided_by},
                       {"article", summary.article},
                       {"certificate_code", summary.certificate_code},
                       {"applicant", json::object{{"capacity", summary.applicant.capacity}, {"legal_ground", summary.applicant.legal_ground}}},
                       {"pack", json::object{{"id", parts.pack.id}, {"version", parts.pack.version}}},
                       {"ledger", json::object{{"origin", parts.ledger.origin()}, {"verifier_key", parts.ledger.verifier_key()}}}};
    if (summary.decided_at) about["decided_at"] = format_instant(*summary.decided_at);
    if (service != nullptr) {
        about["service_number"] = service->number;
        about["service_name"] = service->name;
        about["service_version_now"] = service->version;
        about["legal_basis"] = json::object{{"act", service->act}, {"article", service->article}, {"frame", service->frame}};
        if (const auto& retention = service->retention) {
            json::object kept{{"class", retention->category}, {"article", retention->article}};
            kept["years"] = retention->years ? json::value(*retention->years) : json::value(nullptr);
            about["retention"] = std::move(kept);
        }
    }
    TRY(const auto links, casework_.procedures().links_of(summary));
    json::array kin;
    for (const auto& link : links) kin.push_back(json::object{{"kind", name_of(link.kind)}, {"receipt", link.other.receipt}, {"body", link.other.body}, {"from_here", link.from_here}});
    about["links"] = std::move(kin);
    TRY(const auto payments, casework_.fees().of_case(summary));
    json::array paid;
    for (const auto& one : payments) paid.push_back(json::object{{"kind", name_of(one.kind)}, {"state", name_of(one.state)}, {"amount", one.amount}, {"currency", one.currency}, {"article", one.article}});
    about["payments"] = std::move(paid);
    return bag.add_json("case.json", about);
}

// The act of the receipt and of each amendment commits to the answers as one text, which therefore stands beside them.
Result<void> Packages::add_content(Bag& bag, const CaseSummary& summary, const identity::Access& access) {
    TRY(const CaseContent content, casework_.open_content(summary, access));
    const auto committed = [](const json::object& answers, const std::string& salt) {
        return json::object{{"answers", answers}, {"salt", salt}, {"committed", json::serialize(answers)}, {"commitment_sha256", commitment_of(salt, answers)}};
    };
    json::object answers = committed(content.answers, content.salt);
    json::array earlier;
    for (const EarlierAnswers& one : content.earlier) {
        earlier.emplace_back(committed(one.answers, one.salt));
        earlier.back().as_object()["until"] = format_instant(one.until);
    }
    if (!earlier.empty()) answers["earlier"] = std::move(earlier);
    TRY_DO(bag.add_json("answers.json", answers));
    TRY_DO(bag.add_json("rule.json", json::object{{"facts", content.facts}, {"outcome", content.outcome}, {"trace", content.trace}}));
    const json::object all = to_json(content);
    json::object work{{"reason", content.reason}};
    for (const std::string_view key : {"deciders", "tasks"}) {
        const auto* list = all.if_contains(key);
        work[key] = list == nullptr ? json::value(json::array()) : *list;
    }
    return bag.add_json("work.json", work);
}

Result<void> Packages::add_messages(Bag& bag, const CaseSummary& summary, const identity::Access& access) {
    TRY(const auto messages, casework_.letters().messages(summary, access));
    if (messages.size() >= kMaxMessages) return fail(Code::exhausted, format("the case {} has {} messages or more; a package holds fewer", summary.receipt, kMaxMessages));
    json::array told;
    for (const Message& message : messages) {
        json::array items;
        for (const std::string& item : message.items) items.emplace_back(item);
        json::array files;
        for (std::size_t place = 0; place < message.files.size(); ++place) {
            TRY(const Letters::Opened opened, casework_.letters().file(summary, message.number, place, access));
            // The name is the applicant's; it stands in the list and never becomes a path.
            const std::string name = format("files/{}-{}{}", message.number, place + 1, ending_of(opened.about.media_type));
            TRY_DO(bag.add(name, as_text(opened.bytes)));
            files.push_back(json::object{{"path", "data/" + name}, {"name", opened.about.name}, {"media_type", opened.about.media_type}, {"sha256", opened.about.sha256}, {"size", opened.about.size}});
        }
        json::object one{{"number", message.number}, {"at", format_instant(message.at)}, {"side", name_of(message.side)}, {"kind", name_of(message.kind)}, {"author", message.author},
                         {"text", message.text}, {"items", std::move(items)}, {"files", std::move(files)}};
        if (message.reply_by) one["reply_by"] = format_instant(*message.reply_by);
        told.push_back(std::move(one));
    }
    return bag.add_json("messages.json", json::object{{"messages", std::move(told)}});
}

Result<void> Packages::add_decisions(Bag& bag, const CaseSummary& summary, const identity::Access& access) {
    TRY(const auto decisions, casework_.decisions().all_of(summary, access));
    for (const auto& one : decisions) {
        const std::string folder = format("decisions/{}/", one.number);
        TRY_DO(bag.add(folder + "letter.json", one.letter));
        TRY_DO(bag.add(folder + "letter.pdf", as_text(one.paper.pdf)));
        TRY_DO(bag.add(folder + "letter.pdf.p7s", as_text(one.paper.signature)));
    }
    return {};
}

Result<void> Packages::add_certificate(Bag& bag, const CaseSummary& summary, const identity::Access& access) {
    if (summary.certificate_code.empty()) return {};
    TRY(const Bytes bundle, casework_.parts_.certificates.open_bundle(summary.certificate_code, access));
    return bag.add(format("certificate/{}.asics", summary.certificate_code), as_text(bundle));
}

Result<void> Packages::add_history(Bag& bag, const CaseSummary& summary) {
    TRY(const std::string history, casework_.provable_history(summary));
    TRY(const json::value value, parse_json(history, {.bytes = 64U << 20, .depth = 16}));
    if (!value.is_object()) return fail(Code::corrupted, "a case history is an object");
    if (integer_or(value.get_object(), "pending", 0) != 0) return fail(Code::unavailable, "the ledger has not taken up every act of the case yet; try again in a moment");
    return bag.add("history.json", history);
}

Result<Packages::Made> Packages::finish(Bag& bag, const CaseSummary& summary) {
    const Parts& parts = casework_.parts_;
    TRY_DO(bag.add_tag("bagit.txt", "BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n"));
    const auto& zone = parts.pack.government.time_zone();
    std::string info = format("Source-Organization: {}\n", on_one_line(name_of_body(parts.pack.government, summary.body)));
    info += format("External-Identifier: {}\n", summary.receipt);
    info += format("Internal-Sender-Identifier: {}\n", summary.id.text());
    info += format("External-Description: {}, {}\n", on_one_line(summary.service), name_of(summary.status));
    info += format("Bagging-Date: {}\n", format_date(zone.date(parts.clock.now())));
    info += format("Payload-Oxum: {}.{}\n", bag.bytes(), bag.files());
    TRY_DO(bag.add_tag("bag-info.txt", info));
    TRY_DO(bag.add_tag("manifest-sha256.txt", bag.manifest()));
    TRY_DO(bag.add_tag_manifest());
    return Made{.manifest_sha256 = bag.hash_of_tag("manifest-sha256.txt"), .files = bag.files(), .bytes = bag.bytes()};
}

// Before the folder has its name: a package that nobody wrote down is worse than an act whose folder did not come to be.
Result<void> Packages::record(const CaseSummary& summary, const identity::Access& access, const Made& made, std::size_t acts_before) {
    const Parts& parts = casework_.parts_;
    return parts.store.write([&](store::Tx& tx) -> Result<void> {
        TRY(const CaseRow row, casework_.case_row(tx, summary.body, summary.id));
        TRY(const auto acts, parts.ledger.acts_of(tx, summary.id.text()));
        if (!is_closed(row.summary.status) || acts.size() != acts_before) return fail(Code::conflict, format("something happened in the case {} meanwhile; make the package again", summary.receipt));
        const bool house = access.who.is_nil();
        return casework_.record(tx, row.summary, "case.packaged", house ? "operator" : access.who.text(), house ? "operator" : access.capacity,
                                {{"manifest_sha256", made.manifest_sha256}, {"files", made.files}, {"bytes", made.bytes}});
    });
}

}  // namespace madang::casework
