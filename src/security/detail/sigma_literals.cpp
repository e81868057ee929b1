#include "security/detail/sigma_literals.h"

#include "base/ascii.h"
#include "base/check.h"
#include "base/text.h"

namespace madang::security {

Result<Literals> Literals::compile(const std::vector<std::string>& texts, Finds finds) {
    Literals made;
    if (texts.empty()) return made;
    std::vector<const char*> pointers;
    std::vector<std::size_t> lengths;
    std::vector<unsigned> flags(texts.size(), finds == Finds::once ? HS_FLAG_SINGLEMATCH : 0);
    std::vector<unsigned> numbers;
    for (const std::string& text : texts) {
        numbers.push_back(static_cast<unsigned>(numbers.size()));
        pointers.push_back(text.data());
        lengths.push_back(text.size());
    }
    hs_database_t* database = nullptr;
    hs_compile_error_t* problem = nullptr;
    const hs_error_t done = hs_compile_lit_multi(pointers.data(), flags.data(), numbers.data(), lengths.data(), static_cast<unsigned>(texts.size()),
                                                 HS_MODE_BLOCK, nullptr, &database, &problem);
    if (done != HS_SUCCESS) {
        const std::string why = problem == nullptr ? "no reason is given" : problem->message;
        hs_free_compile_error(problem);
        return fail(Code::invalid, format("the literals of the rules cannot be compiled: {}", why));
    }
    made.database_ = std::shared_ptr<hs_database_t>(database, [](hs_database_t* one) { hs_free_database(one); });
    return made;
}

Literals::Scratch::Scratch(const Literals& literals) {
    if (!literals.database_) return;
    hs_scratch_t* made = nullptr;
    MADANG_CHECK(hs_alloc_scratch(literals.database_.get(), &made) == HS_SUCCESS);
    scratch_.reset(made);
}

void Literals::scan_with(std::string_view text, Scratch& scratch, Receive receive, void* to) const {
    if (!database_) return;
    struct Call {
        Receive receive;
        void* to;
    } call{receive, to};
    const auto on_match = [](unsigned id, unsigned long long, unsigned long long end, unsigned, void* context) -> int {
        const auto* one = static_cast<const Call*>(context);
        one->receive(id, end, one->to);
        return 0;
    };
    MADANG_CHECK(hs_scan(database_.get(), text.data(), static_cast<unsigned>(text.size()), 0, scratch.scratch_.get(), on_match, &call) == HS_SUCCESS);
}

void append_folded(std::string& to, std::string_view text) {
    const std::size_t begin = to.size();
    if (append_lowered_ascii(to, text)) return;
    to.resize(begin);
    to += fold_case(text);
}

}  // namespace madang::security
