// The template of a certificate: a JSON file of a service pack that says what stands on the paper, in
// which languages and in which order. Written format: docs/formats/certificate.md
#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/language.h"
#include "base/result.h"

namespace madang::documents {

using TextByLanguage = std::map<std::string, std::string, std::less<>>;
using Words = std::map<std::string, Catalogue, std::less<>>;     // by language
// What the certificate states: name → text per language. The language "" stands for all languages.
using Values = std::map<std::string, TextByLanguage, std::less<>>;

// Words of a template: an English source text that the pack's catalogues translate, or the texts
// themselves. {names} are places for values.
struct Wording {
    std::string source;          // empty if the texts stand here
    TextByLanguage texts;
};

enum class ValueKind { text, date };   // a date is given as 2026-11-23 and printed in words

struct Row {
    Wording label;
    Wording value;
    bool optional = false;       // left out where all its values are empty
};

enum class BlockKind { notice, issuer, title, number, paragraph, fields, validity, signature, seal, qr };
std::string_view name_of(BlockKind kind);

struct Block {
    BlockKind kind = BlockKind::paragraph;
    Wording text;
    Wording text_without_end;     // validity: where the certificate has no last day
    std::vector<Row> rows;       // fields
    std::string path;            // "blocks[3]", for messages
};

enum class Arrangement { side_by_side, one_after_another };

struct CertificateTemplate {
    std::string name;                        // of the file, for messages
    std::vector<std::string> languages;      // one to three, in reading order
    Arrangement arrangement = Arrangement::one_after_another;
    Wording title;                            // the kind of document; also in the answer of a verification
    std::map<std::string, ValueKind, std::less<>> values;   // what the service must give
    std::vector<Block> blocks;
};

// Limits: 256 kB, 64 blocks, 64 rows a block, 64 values, 4,000 characters a text.
// Fails with Code::invalid and the path of the place ("certificate.json, blocks[3].text: …") on an
// unknown key, block, language or placeholder, on a text without one of the languages, and on a
// template without issuer, title, number or qr.
Result<CertificateTemplate> parse_certificate_template(std::string_view json, std::string_view name);

// The source texts that the catalogues must translate.
std::vector<std::string> sources_of(const CertificateTemplate& certificate);

// The words in a language: by the catalogue where they are a source text.
std::string text_of(const Wording& words, std::string_view language, const Words& catalogues);

}  // namespace madang::documents
