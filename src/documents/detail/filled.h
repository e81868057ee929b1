// A template with its values put in: what stands on the paper, language by language.
#pragma once

#include <string>
#include <vector>

#include "documents/certificate_template.h"
#include "documents/render.h"

namespace madang::documents {

// One text per language of the template, in its order.
using Texts = std::vector<std::string>;

struct FilledRow {
    Texts label, value;
};

struct FilledBlock {
    BlockKind kind = BlockKind::paragraph;
    Texts text;
    std::vector<FilledRow> rows;
};

struct Filled {
    std::vector<std::string> languages;
    Texts title;
    std::vector<FilledBlock> blocks;   // without those that this paper does not have
};

Result<Filled> fill_template(const CertificateTemplate& certificate, const Values& values, const Words& words,
                             const Paper& paper);

}  // namespace madang::documents
