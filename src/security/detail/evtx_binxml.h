// BinXML of one chunk as items: follows the steps of its templates with the values of each record.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "security/detail/evtx_template.h"
#include "security/evtx_record.h"

namespace madang::security {

class EvtxBinXml {
public:
    // Forgets the templates of the last chunk. `chunk` is the bytes that its offsets count from.
    void enter_chunk(std::string_view chunk);

    // The items of the BinXML from `begin` to `end` of the chunk; the paths are added to `paths`.
    EvtxTrouble read(std::size_t begin, std::size_t end, EvtxPaths& paths);

    const std::vector<EvtxItem>& items() const { return items_; }

private:
    struct Steps {
        std::size_t begin = 0;
        std::size_t end = 0;
    };
    struct Values {
        std::size_t begin = 0;  // in values_
        std::size_t count = 0;
    };

    EvtxTrouble read_fragment(std::size_t begin, std::size_t end, std::size_t nesting);
    EvtxTrouble read_instance(std::size_t& at, std::size_t end, std::size_t nesting);
    EvtxTrouble read_values(std::size_t& at, std::size_t end);
    EvtxTrouble find_steps(std::size_t definition, Steps& found);
    EvtxTrouble follow(std::vector<EvtxStep>& steps, Steps range, Values values, std::size_t nesting);
    EvtxTrouble open(EvtxStep& step, Values values);
    EvtxTrouble enter(EvtxStep& step, std::uint32_t name, EvtxPlace place, std::uint32_t& path);
    EvtxTrouble put(EvtxPart part, std::uint32_t path, const EvtxValue& value);
    EvtxTrouble put_value(const EvtxStep& step, Values values, std::size_t nesting);

    std::string_view chunk_;
    EvtxPaths* paths_ = nullptr;
    EvtxBudget budget_;
    std::vector<EvtxStep> kept_;                       // of all templates of the chunk
    std::unordered_map<std::size_t, Steps> templates_;  // by the place of the definition
    std::vector<EvtxValue> values_;                    // of the instances being read, the innermost last
    std::vector<EvtxItem> items_;
    std::array<std::uint32_t, kMaxEvtxDepth + 1> open_{};  // the elements around, from the root
    std::size_t depth_ = 0;
    std::uint32_t attribute_ = EvtxPaths::kRoot;
};

}  // namespace madang::security
