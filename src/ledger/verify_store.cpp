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
class ActCheck {
public:
    ActCheck(store::Reader& reader, TreeSize size) : reader_(reader), size_(size), seen_(size) {}

    Result<CopyVerdict> run() {
        std::string last;
        for (;;) {
            TRY(auto page, detail::page_of_acts(reader_, last, kPage));
            if (page.empty()) break;
            last = page.back().id;
            std::ranges::sort(page, {}, &detail::StoredAct::index);
            for (const detail::StoredAct& act : page) TRY_DO(check(act));
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
    Result<void> check(const detail::StoredAct& row) {
        if (!row.index) return {};
        const LeafIndex index = *row.index;
        if (index >= size_) {
            found(size_ == 0 ? 0 : size_ - 1, format("act {} claims the place {} in a tree of {}", row.id, index, size_));
            return {};
        }
        if (seen_[index]) {
            found(index, format("act {} claims the place {}, which another act has", row.id, index));
            return {};
        }
        seen_[index] = true;
        TRY(const std::string_view entry, entry_at(index));
        if (entry != entry_of(commitment_of(row.salt, row.content))) {
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
