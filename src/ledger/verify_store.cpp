// The stored acts against the entries that were published for them.
#include <algorithm>

#include "base/text.h"
#include "ledger/copy.h"
#include "ledger/detail/published.h"
#include "ledger/detail/ledger_repository.h"
#include "ledger/tile.h"

namespace madang::ledger {

namespace {

constexpr std::int64_t kPage = 4096;
constexpr std::string_view kNextPage =
    "SELECT act_id, leaf_index, salt, content, subject, kind FROM ledger_act WHERE act_id > $1 AND leaf_index IS NOT NULL"
    " ORDER BY act_id LIMIT $2";

struct ActRow {
    std::string id;
    std::int64_t index = 0;
    Bytes salt;
    std::string content;
    std::string subject;
    std::string kind;
};

ActRow act_row(const store::Row& row) {
    const ByteSpan salt = row.bytes(2);
    return {std::string(row.text(0)), row.integer(1), Bytes(salt.begin(), salt.end()), std::string(row.text(3)), std::string(row.text(4)), std::string(row.text(5))};
}

class ActCheck {
public:
    ActCheck(store::Reader& reader, TreeSize size) : reader_(reader), size_(size), seen_(size) {}

    Result<CopyVerdict> run() {
        std::string last;
        for (;;) {
            TRY(auto page, reader_.all<ActRow>(kNextPage, {last, kPage}, act_row));
            if (page.empty()) break;
            last = page.back().id;
            std::ranges::sort(page, {}, &ActRow::index);
            for (const ActRow& row : page) TRY_DO(check(row));
        }
        for (LeafIndex index = 0; index < size_; ++index) {
            if (!seen_[index]) {
                found(index, format("the act at {} is gone from the store", index));
                break;
            }
        }
        return verdict_;
    }

private:
    Result<void> check(const ActRow& row) {
        if (row.index < 0 || static_cast<LeafIndex>(row.index) >= size_) {
            found(size_ == 0 ? 0 : size_ - 1, format("act {} claims the place {} in a tree of {}", row.id, row.index, size_));
            return {};
        }
        const auto index = static_cast<LeafIndex>(row.index);
        if (seen_[index]) {
            found(index, format("act {} claims the place {}, which another act has", row.id, index));
            return {};
        }
        seen_[index] = true;
        TRY(const std::string_view entry, entry_at(index));
        Salt salt{};
        if (row.salt.size() == salt.size()) std::ranges::copy(row.salt, salt.begin());
        if (entry != entry_of(commitment_of(salt, row.content))) {
            found(index, format("the content of act {} at {} is not the one that was signed", row.id, index));
            return {};
        }
        const auto act = parse_act(row.content);
        if (act && act->id.text() == row.id && act->subject == row.subject && act->kind == row.kind) return {};
        found(index, format("the row of act {} at {} does not say what the signed act says", row.id, index));
        return {};
    }

    Result<std::string_view> entry_at(LeafIndex index) {
        const std::uint64_t number = index / kTileWidth;
        if (!bundle_ || *bundle_ != number) {
            const unsigned width = tile_width(size_, 0, number);
            TRY(bytes_, detail::find_piece(reader_, {std::nullopt, number, width}));
            TRY(entries_, parse_bundle(bytes_, width));
            bundle_ = number;
        }
        return entries_[index % kTileWidth];
    }

    void found(LeafIndex index, std::string finding) {
        if (verdict_.first_wrong && *verdict_.first_wrong <= index) return;
        verdict_.wrong = Wrong::act;
        verdict_.first_wrong = index;
        verdict_.path = "ledger_act";
        verdict_.finding = std::move(finding);
    }

    store::Reader& reader_;
    const TreeSize size_;
    std::vector<bool> seen_;
    CopyVerdict verdict_;
    std::optional<std::uint64_t> bundle_;
    std::string bytes_;
    std::vector<std::string_view> entries_;
};

}  // namespace

Result<CopyVerdict> verify_store(store::Store& store, std::string_view key, const CopyProgress& progress) {
    return store.read<CopyVerdict>([&](store::Reader& reader) -> Result<CopyVerdict> {
        TRY(CopyVerdict published, detail::verify_published(reader, key, progress));
        if (!published.good()) return published;
        TRY(CopyVerdict acts, ActCheck(reader, published.size).run());
        acts.size = published.size;
        return acts;
    });
}

}  // namespace madang::ledger
