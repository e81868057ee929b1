// The program as a person and a script meet it: the built `madang`, its exit codes and what it prints.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <thread>

#include "base/file.h"
#include "base/json.h"
#include "base/text.h"
#include "faults/client.h"

namespace madang {
namespace {

struct Ran {
    int code = -1;
    std::string out;
};

class Program : public testing::Test {
protected:
    void SetUp() override {
        std::string pattern = testing::TempDir() + "madang-program-XXXXXX";
        folder_ = ::mkdtemp(pattern.data());
    }
    void TearDown() override { std::filesystem::remove_all(folder_); }

    static Ran run(const std::string& arguments, const std::string& input = "") {
        const std::string command = format("printf '%s' '{}' | '{}' {} 2>&1", input, MADANG_PROGRAM, arguments);
        Ran ran;
        std::FILE* pipe = ::popen(command.c_str(), "r");
        char bytes[4096];
        for (std::size_t got = 0; (got = std::fread(bytes, 1, sizeof bytes, pipe)) > 0;) ran.out.append(bytes, got);
        const int status = ::pclose(pipe);
        ran.code = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
        return ran;
    }
    Ran house(const std::string& arguments, const std::string& input = "") {
        return run(format("--data '{}/data' {}", folder_.string(), arguments), input);
    }
    void make_house() {
        const Ran made = house(format("init --pack '{}/packs/by'", MADANG_SOURCE_DIR));
        ASSERT_EQ(made.code, 0) << made.out;
    }
    Path folder_;
};

TEST_F(Program, EveryCommandSaysWhatItDoesWithAnExample) {
    for (const char* command : {"serve", "init", "user add", "pack validate", "verify", "ledger export", "backup", "restore", "doctor",
                                "config show", "completion"}) {
        const Ran help = run(std::string(command) + " --help");
        EXPECT_EQ(help.code, 0) << command;
        EXPECT_NE(help.out.find("Example:\n  "), std::string::npos) << command << "\n" << help.out;
        EXPECT_NE(help.out.find("madang"), std::string::npos) << command;
    }
}

TEST_F(Program, ExitCodesAreThoseItDocuments) {
    EXPECT_EQ(run("").code, 2);
    EXPECT_EQ(run("no-such-command").code, 2);
    EXPECT_EQ(house("doctor --no-such-option").code, 2);
    EXPECT_EQ(house("backup x").code, 4);                                     // no installation
    EXPECT_EQ(house("init").code, 3);                                         // no pack
    EXPECT_EQ(house("init --pack /nowhere").code, 4);
    make_house();
    EXPECT_EQ(house(format("init --pack '{}/packs/by'", MADANG_SOURCE_DIR)).code, 5);
    EXPECT_EQ(run("completion tcsh").code, 3);
    EXPECT_EQ(house("user add Nina --role auditor@BY-MI-MLD", "short").code, 3);
    EXPECT_EQ(house("user add Nina", "correct horse battery").code, 3) << "neither a citizen nor staff";
    EXPECT_EQ(house("user add Nina --person 0000000A000PB0", "correct horse battery").code, 4);
    EXPECT_EQ(house("user add Nina --role officer@BY-MI-MLD-RSC", "correct horse battery").code, 3) << "an officer is a person";
}

TEST_F(Program, AMissingFolderIsNotMadeByAFailedInit) {
    EXPECT_NE(house("init --pack /nowhere").code, 0);
    EXPECT_FALSE(std::filesystem::exists(folder_ / "data"));
}

TEST_F(Program, AFreshInstallationIsWellAndPrivate) {
    make_house();
    const Ran doctor = house("doctor --json");
    EXPECT_EQ(doctor.code, 0) << doctor.out;
    const auto findings = parse_json(doctor.out);
    ASSERT_TRUE(findings) << doctor.out;
    EXPECT_GE(findings->as_array().size(), 7U);
    for (const auto& file : std::filesystem::recursive_directory_iterator(folder_ / "data" / "keys")) {
        EXPECT_EQ(file.status().permissions() & std::filesystem::perms(077), std::filesystem::perms(0)) << file.path();
    }
    EXPECT_EQ(std::filesystem::status(folder_ / "data").permissions() & std::filesystem::perms(077), std::filesystem::perms(0));
}

TEST_F(Program, ABackupRestoresAndAChangedOneDoesNot) {
    make_house();
    ASSERT_EQ(house("user add Nina --role auditor@BY-MI-MLD-RSC --json", "correct horse battery").code, 0);
    const std::string file = (folder_ / "copy.sqlite").string();
    ASSERT_EQ(house("backup " + file).code, 0);
    const Ran verified = house("restore --verify --json " + file);
    EXPECT_EQ(verified.code, 0) << verified.out;
    EXPECT_EQ(house("restore " + file).code, 5) << "the installation is in use";
    // On a machine of its own: the keys come along, the store from the copy.
    std::filesystem::remove(folder_ / "data" / "madang.sqlite");
    for (const char* ending : {"-wal", "-shm"}) std::filesystem::remove((folder_ / "data" / "madang.sqlite").string() + ending);
    const Ran restored = house("restore " + file);
    EXPECT_EQ(restored.code, 0) << restored.out;
    EXPECT_EQ(house("user add Nina --role auditor@BY-MI-MLD", "correct horse battery").code, 5) << "the account came back";
    std::string bytes = *read_file(file);
    bytes.replace(bytes.size() / 2, 4, "XXXX");
    bytes.resize(bytes.size() - 4096);
    ASSERT_TRUE(write_file_whole(file, bytes));
    EXPECT_NE(house("restore --verify " + file).code, 0);
}

// What the package lays down under /etc starts the service, with the paths of this machine put in.
TEST_F(Program, TheShippedSettingsStartAnInstallation) {
    std::string toml = *read_file(Path(MADANG_SOURCE_DIR) / "packaging/madang.toml");
    const auto put = [&](std::string_view from, const std::string& to) {
        const std::size_t at = toml.find(from);
        ASSERT_NE(at, std::string::npos) << from;
        toml.replace(at, from.size(), to);
    };
    put("/var/lib/madang", (folder_ / "data").string());
    put("/usr/share/madang/packs/by", MADANG_SOURCE_DIR "/packs/by");
    const std::string file = (folder_ / "madang.toml").string();
    ASSERT_TRUE(write_file_whole(file, toml));
    std::filesystem::create_directory(folder_ / "data");   // as the package makes it
    std::filesystem::permissions(folder_ / "data", std::filesystem::perms::owner_all);
    const Ran made = run("--config " + file + " init");
    ASSERT_EQ(made.code, 0) << made.out;
    EXPECT_NE(made.out.find("https://services.example.org/installer?link="), std::string::npos) << made.out;
    const Ran well = run("--config " + file + " doctor");
    EXPECT_EQ(well.code, 0) << well.out;
}

TEST_F(Program, TheBelarusPackIsWhole) {
    const Ran valid = run(format("pack validate '{}/packs/by'", MADANG_SOURCE_DIR));
    EXPECT_EQ(valid.code, 0) << valid.out;
}

TEST_F(Program, APackThatLeavesItsFolderIsRefused) {
    const Path pack = folder_ / "pack";
    std::filesystem::copy(Path(MADANG_SOURCE_DIR) / "packs/by", pack, std::filesystem::copy_options::recursive);
    std::string text = *read_file(pack / "pack.json");
    text.replace(text.find("government.json"), 15, "../../etc/passwd");
    ASSERT_TRUE(write_file_whole(pack / "pack.json", text));
    EXPECT_EQ(run("pack validate " + pack.string()).code, 3);
    std::filesystem::create_symlink("/etc/passwd", pack / "link");
    EXPECT_EQ(run("pack validate " + pack.string()).code, 3);
}

// A server of the test's own: killed at the end, whatever happens.
class Server {
public:
    Server(const Path& data, int port) {
        child_ = ::fork();
        if (child_ == 0) {
            const int null = ::open("/dev/null", O_WRONLY);
            ::dup2(null, 1);
            ::dup2(null, 2);
            const std::string listen = format("127.0.0.1:{}", port);
            ::execl(MADANG_PROGRAM, MADANG_PROGRAM, "--data", data.c_str(), "--listen", listen.c_str(), "serve", nullptr);
            ::_exit(127);
        }
        for (int i = 0; i < 200; ++i) {
            faults::Client client(port);
            const auto answer = client.request("GET", "/readyz");
            if (answer && answer->status == 200) {
                ready_ = true;
                return;
            }
            std::this_thread::sleep_for(std::chrono::milliseconds(25));
        }
    }
    ~Server() {
        if (child_ > 0) ::kill(child_, SIGKILL), ::waitpid(child_, nullptr, 0);
    }
    Server(const Server&) = delete;
    Server& operator=(const Server&) = delete;
    int stop() {
        ::kill(child_, SIGTERM);
        int status = 0;
        ::waitpid(child_, &status, 0);
        child_ = -1;
        return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
    }
    bool ready() const { return ready_; }

private:
    pid_t child_ = -1;
    bool ready_ = false;
};

TEST_F(Program, ServesWhatItDescribesAndStopsGracefully) {
    make_house();
    ASSERT_EQ(house("demo load").code, 0);
    ASSERT_EQ(house("user add Alena --person 6010616M044PB0", "correct horse battery").code, 0);
    const int port = 20'000 + ::getpid() % 20'000;
    Server server(folder_ / "data", port);
    ASSERT_TRUE(server.ready());
    const Ran second = house("--listen 127.0.0.1:0 serve");
    EXPECT_EQ(second.code, 5) << "two servers on one embedded store";
    faults::Client client(port);
    const auto description = client.request("GET", "/openapi.json");
    ASSERT_TRUE(description);
    const auto openapi = parse_json(description->body);
    ASSERT_TRUE(openapi) << description->body;
    for (const auto& path : openapi->at("paths").as_object()) {
        if (!path.value().as_object().contains("get")) continue;
        std::string address(path.key());
        if (const auto at = address.find("{path}"); at != std::string::npos) address.replace(at, 6, "0/000");
        if (const auto at = address.find("{code}"); at != std::string::npos) address.replace(at, 6, "x");
        const auto answer = client.request("GET", address);
        ASSERT_TRUE(answer) << address;
        EXPECT_NE(answer->status, 405) << address;
        EXPECT_LT(answer->status, 500) << address;
        EXPECT_NE(answer->body.find_first_not_of(" \n"), std::string::npos) << address;
    }
    const std::map<std::string, std::string> as_json{{"Content-Type", "application/json"}};
    const auto wrong = client.request("POST", "/api/v1/session", R"({"name":"Alena","password":"wrong"})", as_json);
    EXPECT_EQ(wrong->status, 401);
    EXPECT_EQ(wrong->headers.at("content-type"), "application/problem+json");
    EXPECT_EQ(client.request("GET", "/api/v1/session")->status, 401);
    const auto right = client.request("POST", "/api/v1/session", R"({"name":"ALENA","password":"correct horse battery"})", as_json);
    ASSERT_EQ(right->status, 200) << right->body;
    EXPECT_TRUE(right->headers.at("set-cookie").starts_with("__Host-session="));
    const auto mine = client.request("GET", "/api/v1/session");
    ASSERT_EQ(mine->status, 200);
    const std::string token = string_or(parse_json(mine->body)->as_object(), "csrf_token", "");
    EXPECT_EQ(client.request("POST", "/api/v1/session/end", "", {{"X-CSRF-Token", "wrong"}})->status, 403);
    EXPECT_EQ(client.request("POST", "/api/v1/session/end", "", {{"X-CSRF-Token", token}})->status, 200);
    EXPECT_EQ(client.request("GET", "/api/v1/session")->status, 401);
    const auto nothing = client.request("POST", "/api/v1/verify", "hello", {{"Content-Type", "application/pdf"}});
    EXPECT_NE(nothing->body.find("not_a_certificate"), std::string::npos) << nothing->body;
    EXPECT_EQ(server.stop(), 0);
}

TEST_F(Program, TakesSyslogInOverTls) {
    make_house();
    const std::string there = "cd '" + folder_.string() + "' && ";
    if (std::system((there + "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout key.pem -out cert.pem -days 2 -subj /CN=gate > log 2>&1").c_str()) != 0) {
        GTEST_SKIP() << "the openssl program is not installed";
    }
    const int port = 20'000 + ::getpid() % 20'000;
    const std::string address = format("127.0.0.1:{}", port + 1);
    const Ran keyless = house("--listen 127.0.0.1:0 --events-syslog-tls " + address + " serve");
    EXPECT_EQ(keyless.code, 3);
    EXPECT_TRUE(keyless.out.contains("events_syslog_tls needs events_tls_certificate and events_tls_key")) << keyless.out;
    const std::pair<const char*, std::string> settings[] = {{"MADANG_EVENTS_SYSLOG_TLS", address}, {"MADANG_EVENTS_TLS_CERTIFICATE", folder_ / "cert.pem"},
                                                            {"MADANG_EVENTS_TLS_KEY", folder_ / "key.pem"}, {"MADANG_EVENTS_SYSLOG_CLIENTS", folder_ / "cert.pem"}};
    for (const auto& [name, value] : settings) ::setenv(name, value.c_str(), 1);
    Server server(folder_ / "data", port);
    for (const auto& [name, value] : settings) ::unsetenv(name);
    ASSERT_TRUE(server.ready());
    const std::string message = "<34>1 2026-11-24T10:00:00Z host app - - - over TLS";
    ASSERT_EQ(std::system((there + format("printf '{} {}' | openssl s_client -quiet -no_ign_eof -connect {} -cert cert.pem -key key.pem > log 2>&1", message.size(), message, address)).c_str()), 0);
    (void)std::system((there + format("true | openssl s_client -connect {} > log 2>&1", address)).c_str());
    std::string figures;
    for (int i = 0; i < 500 && !figures.contains("madang_syslog_tls_failed_total 1"); ++i) {
        std::this_thread::sleep_for(std::chrono::milliseconds(10));
        faults::Client client(port);
        if (const auto answer = client.request("GET", "/metrics")) figures = answer->body;
    }
    EXPECT_TRUE(figures.contains("madang_syslog_tls_failed_total 1")) << figures;
    EXPECT_TRUE(figures.contains("madang_events_stored_total{source=\"gate\"} 1")) << figures;
    EXPECT_EQ(server.stop(), 0);
}

TEST_F(Program, FictionalPeopleComeAndGo) {
    const std::string data = "--data '" + (folder_ / "data").string() + "' ";
    ASSERT_EQ(run(data + "init --pack '" MADANG_SOURCE_DIR "/packs/by'").code, 0);
    EXPECT_EQ(run(data + "demo clear").code, 4) << "nobody is there yet";
    const Ran loaded = run(data + "demo load --json");
    ASSERT_EQ(loaded.code, 0) << loaded.out;
    const auto value = parse_json(loaded.out);
    ASSERT_TRUE(value) << loaded.out;
    EXPECT_EQ(value->at("sign_ins").as_array().size(), 8U) << "each of the people of the pack who has a password";
    EXPECT_EQ(run(data + "demo load").code, 5) << "once is enough";
    const Ran code = run(data + "demo code officer.maladziechna");
    EXPECT_EQ(code.out.size(), 7U) << code.out;
    EXPECT_EQ(run(data + "user add second.account --role officer@BY-MI-MLD-RSC --person 4190785M099PB7", "correct horse battery").code, 5) << "Nina has an account of staff";
    ASSERT_EQ(run(data + "user add somebody --role auditor@BY-MI-MLD", "correct horse battery").code, 0);
    EXPECT_EQ(run(data + "user bind somebody --person 4190785M099PB7").code, 5);
    EXPECT_EQ(run(data + "user bind somebody --person 4121299M088PB2").code, 0);
    EXPECT_EQ(run(data + "user bind alena.kavalenka --person 3280955M077PB9").code, 3) << "no account of staff";
    EXPECT_EQ(run(data + "demo code alena.kavalenka").code, 4) << "citizens have no codes";
    EXPECT_EQ(run(data + "demo clear").code, 0);
    EXPECT_EQ(run(data + "demo code officer.maladziechna").code, 4);
    EXPECT_EQ(run(data + "demo load").code, 0) << "their names are free again";
}

TEST_F(Program, RunsTheScenariosOfAPack) {
    const Ran good = run("pack test '" MADANG_SOURCE_DIR "/packs/by' --json 2>/dev/null");
    EXPECT_EQ(good.code, 0) << good.out;
    std::filesystem::copy(MADANG_SOURCE_DIR "/packs/by", folder_ / "by", std::filesystem::copy_options::recursive);
    const Path file = folder_ / "by/services/certificate-of-residence/scenarios.feature";
    std::string text = *read_file(file);
    const std::string wanted = "Then the application is refused";
    text.replace(text.find(wanted), wanted.size(), "Then the certificate is issued");
    ASSERT_TRUE(write_file_whole(file, text));
    const Ran bad = run("pack test '" + (folder_ / "by").string() + "'");
    EXPECT_EQ(bad.code, 1) << bad.out;
    EXPECT_NE(bad.out.find("the case is \"refused\""), std::string::npos) << bad.out;
    EXPECT_NE(bad.out.find("10 passed, 1 failed"), std::string::npos) << bad.out;
}

}  // namespace
}  // namespace madang
