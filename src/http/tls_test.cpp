// The server over TLS, with a certificate made on the spot. The client is openssl's own.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>

#include "http/detail/testing.h"

namespace madang::http {
namespace {

using ::testing::HasSubstr;
using testing::RawClient;
using testing::Site;

struct Scratch {
    Scratch() {
        std::string name = (std::filesystem::temp_directory_path() / "madang-tls-XXXXXX").string();
        MADANG_CHECK(mkdtemp(name.data()) != nullptr);
        folder = name;
    }
    ~Scratch() { std::filesystem::remove_all(folder); }
    // True when the command succeeded; its output is in `file`.
    bool run(const std::string& command) const { return std::system(("cd " + folder.string() + " && " + command).c_str()) == 0; }
    std::string output(const std::string& command) const {
        run(command + " > output 2>&1");
        return read_file(folder / "output").value_or("");
    }
    bool make_certificate() const {
        return run("openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout key.pem -out cert.pem"
                   " -days 2 -subj /CN=localhost -addext subjectAltName=DNS:localhost > log 2>&1");
    }
    Path folder;
};

Router hello_router() {
    Router router;
    router.add(Method::get, "/", [](const Request& r) { return Response::text(r.scheme == Scheme::https ? "secure" : "plain"); });
    router.add(Method::get, "/large", [](const Request&) { return Response::text(std::string(500'000, 'x')); });
    return router;
}

TEST(Tls, ServesVersions12And13AndNothingOlder) {
    const Scratch scratch;
    if (!scratch.make_certificate()) GTEST_SKIP() << "the openssl program is not installed";
    Config config;
    config.tls = TlsFiles{scratch.folder / "cert.pem", scratch.folder / "key.pem"};
    config.limits.handshake_time = std::chrono::milliseconds(1500);
    const Site site(hello_router(), std::move(config));
    const auto talk = [&](std::string_view options, std::string_view target = "/") {
        return scratch.output(format("printf 'GET {} HTTP/1.1\\r\\nHost: localhost\\r\\nConnection: close\\r\\n\\r\\n' | openssl s_client -quiet -ign_eof"
                                     " -verify_return_error -CAfile cert.pem -servername localhost {} -connect 127.0.0.1:{}",
                                     target, options, site.port()));
    };
    for (const auto* version : {"-tls1_2", "-tls1_3"}) {
        const auto answer = talk(version);
        EXPECT_THAT(answer, HasSubstr("HTTP/1.1 200 OK\r\n")) << version;
        EXPECT_THAT(answer, HasSubstr("\r\n\r\nsecure"));
        EXPECT_THAT(answer, HasSubstr("Strict-Transport-Security: max-age=31536000; includeSubDomains\r\n"));
    }
    EXPECT_THAT(talk("-tls1_1 -cipher DEFAULT@SECLEVEL=0"), ::testing::Not(HasSubstr("HTTP/1.1 200")));
    EXPECT_THAT(talk("-tls1_2 -cipher AES128-SHA"), ::testing::Not(HasSubstr("HTTP/1.1 200")));
    EXPECT_GT(talk("-tls1_3", "/large").size(), 500'000U);
    // Plain HTTP on this port ends quietly, and the server lives on.
    RawClient plain(site.port());
    plain.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n").answer();
    EXPECT_THAT(talk("-tls1_3"), HasSubstr("secure"));
    EXPECT_THAT(site.metrics.text(), HasSubstr("madang_http_refused_total{reason=\"handshake\"}"));
    RawClient silent(site.port());
    EXPECT_TRUE(silent.closed());
}

TEST(Tls, TakesANewCertificateWithoutARestart) {
    const Scratch scratch;
    if (!scratch.make_certificate()) GTEST_SKIP() << "the openssl program is not installed";
    Config config;
    config.tls = TlsFiles{scratch.folder / "cert.pem", scratch.folder / "key.pem"};
    const Site site(hello_router(), std::move(config));
    const auto shown = [&] {
        return scratch.output(format("true | openssl s_client -connect 127.0.0.1:{} | openssl x509 -noout -fingerprint", site.port()));
    };
    const auto old_one = shown();
    MADANG_CHECK(scratch.make_certificate());
    ASSERT_TRUE(site.server->reload_certificate());
    const auto new_one = shown();
    EXPECT_THAT(new_one, HasSubstr("ingerprint="));
    EXPECT_NE(old_one.substr(old_one.find("ingerprint=")), new_one.substr(new_one.find("ingerprint=")));
    MADANG_CHECK(scratch.run("echo broken > key.pem"));
    EXPECT_FALSE(site.server->reload_certificate());
    EXPECT_THAT(shown(), HasSubstr("ingerprint="));
}

}  // namespace
}  // namespace madang::http
