#include "documents/testing.h"

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/check.h"
#include "base/file.h"
#include "base/json.h"
#include "documents/code.h"
#include "documents/qr_proof.h"
#include "ledger/note.h"

// The caches that fontconfig keeps until the process ends are no leak of ours.
extern "C" const char* __lsan_default_suppressions();
extern "C" const char* __lsan_default_suppressions() { return "leak:libfontconfig\n"; }

namespace madang::documents::testing {
namespace {

const Date kIssued = std::chrono::year(2026) / 11 / 23;

json::object json_of(const Values& values) {
    json::object object;
    for (const auto& [name, texts] : values) {
        json::object by_language;
        for (const auto& [language, text] : texts) by_language[language] = text;
        object[name] = std::move(by_language);
    }
    return object;
}

}  // namespace

Trust Country::trust() const {
    return Trust{{{name, origin, seal.root_pem(), ledger::format_verifier_key(origin, ledger_key.public_key()),
                   ledger::format_verifier_key(certificate_key_name(), certificate_key.public_key())}}};
}

Country make_country(std::string name, std::string host, std::uint64_t seed, Instant now) {
    SeededRandom random(seed);
    auto seal = crypto::SigningCertificate::create(name, "Documents of " + name, random, now);
    MADANG_CHECK(seal.has_value());
    return Country{name, host + "/ledger", "https://" + host + "/verify", std::move(*seal),
                   crypto::Ed25519Key::generate(random), crypto::Ed25519Key::generate(random)};
}

std::string residence_template() {
    const auto text = read_file(Path(MADANG_SOURCE_DIR) / "src/documents/testdata/residence.json");
    MADANG_CHECK(text.has_value());
    return *text;
}

Values residence_values() {
    return {{"full_name", {{"be", "Кавалёнак Алеся Міхайлаўна"}, {"ru", "Коваленок Олеся Михайловна"}}},
            {"born", {{"", "1991-03-08"}}},
            {"address",
             {{"be", "Мінская вобласць, г. Маладзечна, вул. Прытыцкага, д. 12, кв. 34"},
              {"ru", "Минская область, г. Молодечно, ул. Притыцкого, д. 12, кв. 34"}}},
            {"since", {{"", "2014-09-01"}}},
            {"purpose", {{"be", "у дзіцячы сад або школу"}, {"ru", "в детский сад или школу"}}}};
}

Paper residence_paper(Random& random) {
    Paper paper;
    paper.code = make_code(random);
    paper.number = "17/2026";
    paper.issuing_body = {{"be", "Разлікова-даведачны цэнтр Маладзечанскага раёна"},
                          {"ru", "Расчетно-справочный центр Молодечненского района"}};
    paper.country = {{"be", "Рэспубліка Беларусь"}, {"ru", "Республика Беларусь"}};
    paper.issued_on = kIssued;
    paper.valid_until = std::chrono::year(2027) / 5 / 23;
    paper.verify_address = "https://madang.example/verify";
    paper.qr_text = "https://madang.example/verify/" + paper.code + "?p=" + std::string(159, 'A');
    paper.data = Data::fictional;
    paper.made_at = std::chrono::sys_days(kIssued) + std::chrono::hours(7);
    return paper;
}

Bundle make_bundle(const Country& country, std::uint64_t seed) {
    SeededRandom random(seed);
    const auto certificate = parse_certificate_template(residence_template(), "residence.json");
    MADANG_CHECK(certificate.has_value());
    Paper paper = residence_paper(random);
    paper.verify_address = country.verify_address;
    std::array<std::uint8_t, 16> salt{};
    random.fill(salt);
    QrProof proof;
    proof.verify_address = country.verify_address;
    proof.code = paper.code;
    proof.issued_on = paper.issued_on;
    proof.valid_until = paper.valid_until;
    proof.commitment = commit_to_values(salt, residence_values());
    const auto qr = sign_qr(proof, country.certificate_key);
    MADANG_CHECK(qr.has_value());
    paper.qr_text = *qr;
    auto pdf = render_certificate(*certificate, residence_values(), {}, paper);
    MADANG_CHECK(pdf.has_value());
    Bundle bundle;
    bundle.signature = crypto::sign_detached_cms(country.seal, *pdf, paper.made_at);
    bundle.pdf = std::move(*pdf);
    bundle.values_json = canonical_json(json::object{{"salt", hex(salt)}, {"values", json_of(residence_values())}});
    return bundle;
}

Ran run(const std::vector<std::string>& arguments) {
    int pipe_ends[2];
    MADANG_CHECK(pipe(pipe_ends) == 0);
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, pipe_ends[1], STDOUT_FILENO);
    posix_spawn_file_actions_adddup2(&actions, pipe_ends[1], STDERR_FILENO);
    posix_spawn_file_actions_addclose(&actions, pipe_ends[0]);
    std::vector<std::string> copies = arguments;
    std::vector<char*> argv;
    for (std::string& argument : copies) argv.push_back(argument.data());
    argv.push_back(nullptr);
    Ran ran;
    pid_t child = 0;
    const int spawned = posix_spawnp(&child, argv[0], &actions, nullptr, argv.data(), environ);
    posix_spawn_file_actions_destroy(&actions);
    close(pipe_ends[1]);
    if (spawned == 0) {
        char buffer[4096];
        for (ssize_t got = 0; (got = read(pipe_ends[0], buffer, sizeof buffer)) > 0;) ran.output.append(buffer, static_cast<std::size_t>(got));
        int status = 0;
        waitpid(child, &status, 0);
        ran.status = WIFEXITED(status) ? WEXITSTATUS(status) : 128;
    }
    close(pipe_ends[0]);
    return ran;
}

}  // namespace madang::documents::testing
