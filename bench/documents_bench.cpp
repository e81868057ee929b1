// Certificates a second: drawn, signed and verified, on one thread and on two, beside hashing the same
// bytes, which is the least that a check of them can cost.
//
//   documents_bench [TEMPLATE]
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <functional>
#include <thread>
#include <vector>

#include "base/file.h"
#include "base/text.h"
#include "crypto/hash.h"
#include "crypto/signing_certificate.h"
#include "documents/bundle.h"
#include "documents/code.h"
#include "documents/qr_proof.h"
#include "documents/render.h"
#include "ledger/note.h"

namespace {

using namespace madang;
using namespace madang::documents;
using Steady = std::chrono::steady_clock;

constexpr double kSeconds = 2;
constexpr int kRounds = 3;
constexpr const char* kTemplate = "packs/by/services/certificate-of-residence/certificate.json";

Values values() {
    return {{"full_name", {{"be", "Кавалёнак Алеся Міхайлаўна"}, {"ru", "Коваленок Олеся Михайловна"}}},
            {"born", {{"", "1991-03-08"}}},
            {"address", {{"be", "Мінская вобласць, г. Маладзечна, вул. Прытыцкага, д. 12, кв. 34"},
                         {"ru", "Минская область, г. Молодечно, ул. Притыцкого, д. 12, кв. 34"}}},
            {"since", {{"", "2014-09-01"}}},
            {"purpose", {{"be", "на працу"}, {"ru", "на работу"}}}};
}

// How often `work` runs a second on so many threads; the median of some rounds.
double rate(int threads, const std::function<void()>& work) {
    std::vector<double> rates;
    for (int round = 0; round < kRounds; ++round) {
        std::vector<long> counts(static_cast<std::size_t>(threads), 0);
        std::vector<std::thread> running;
        const auto begin = Steady::now();
        for (long& count : counts) {
            running.emplace_back([&count, &work, begin] {
                while (std::chrono::duration<double>(Steady::now() - begin).count() < kSeconds) {
                    work();
                    ++count;
                }
            });
        }
        for (std::thread& thread : running) thread.join();
        long sum = 0;
        for (const long count : counts) sum += count;
        rates.push_back(static_cast<double>(sum) / std::chrono::duration<double>(Steady::now() - begin).count());
    }
    std::ranges::sort(rates);
    return rates[rates.size() / 2];
}

void print(const char* what, const std::function<void()>& work) {
    std::printf("%-44s %10.0f /s on 1 thread %10.0f /s on 2\n", what, rate(1, work), rate(2, work));
    std::fflush(stdout);
}

}  // namespace

int main(int argc, char** argv) {
    const auto text = read_file(argc > 1 ? argv[1] : kTemplate);
    const auto certificate = text ? parse_certificate_template(*text, "certificate.json") : Result<CertificateTemplate>(std::unexpected(text.error()));
    if (!certificate) {
        std::fprintf(stderr, "%s\n", certificate.error().message.c_str());
        return 1;
    }
    const Instant now = std::chrono::sys_days(std::chrono::year(2026) / 11 / 23) + std::chrono::hours(7);
    SystemRandom random;
    const auto key = crypto::Ed25519Key::generate(random);
    const auto seal = crypto::SigningCertificate::create("Belarus", "Documents of Belarus", random, now);
    if (!seal) return 1;
    const Trust trust{{{"Belarus", "by.example/ledger", seal->root_pem(), ledger::format_verifier_key("by.example/ledger", key.public_key()),
                        ledger::format_verifier_key("by.example/ledger/certificates", key.public_key())}}};

    QrProof proof;
    proof.verify_address = "https://by.example/verify";
    proof.code = make_code(random);
    proof.issued_on = std::chrono::year(2026) / 11 / 23;
    Paper paper{.code = proof.code, .number = "17/2026", .issuing_body = {{"", "Разлікова-даведачны цэнтр"}}, .country = {{"", "Рэспубліка Беларусь"}},
                .issued_on = proof.issued_on, .valid_until = {}, .verify_address = proof.verify_address,
                .qr_text = sign_qr(proof, key).value_or(""), .data = Data::fictional, .made_at = now};
    const auto pdf = render_certificate(*certificate, values(), {}, paper);
    if (!pdf) {
        std::fprintf(stderr, "%s\n", pdf.error().message.c_str());
        return 1;
    }
    Bundle bundle{.pdf = *pdf, .signature = crypto::sign_detached_cms(*seal, *pdf, now), .values_json = {}, .ledger_proof = {}};
    const Bytes container = write_bundle(bundle).value_or(Bytes());
    const Date today = proof.issued_on;
    if (verify_file(container, trust, {}, today).standing != Standing::valid) return 1;

    std::printf("certificate of %zu bytes, median of %d rounds of %.0f s\n", pdf->size(), kRounds, kSeconds);
    print("SHA-256 of the PDF (for comparison)", [&] { (void)crypto::sha256(*pdf); });
    print("QR proof signed", [&] { (void)sign_qr(proof, key); });
    print("PDF drawn", [&] { (void)render_certificate(*certificate, values(), {}, paper); });
    print("PDF drawn and signed (CAdES)", [&] {
        if (const auto made = render_certificate(*certificate, values(), {}, paper)) (void)crypto::sign_detached_cms(*seal, *made, now);
    });
    print("container verified offline", [&] { (void)verify_file(container, trust, {}, today); });
    return 0;
}
