// Fills the disk under a running server: writes are refused with words, pages stay readable, nothing is lost or
// doubled, and the server goes on by itself when there is room again.
//
//   faults_disk_full PROGRAM      ends with "N passed, N failed"; 77 where no small file system can be mounted
#include <sys/mount.h>

#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <thread>

#include "base/json.h"
#include "base/text.h"
#include "faults/client.h"
#include "faults/installation.h"

namespace madang::faults {
namespace {

int passed = 0;
int failed = 0;
void expect(bool good, const std::string& what) {
    std::printf("%s %s\n", good ? "ok  " : "FAIL", what.c_str());
    (good ? passed : failed) += 1;
}

// Writes zeros until nothing more fits.
void fill(const Path& file) {
    std::ofstream out(file, std::ios::binary);
    const std::string block(4096, '\0');
    while (out.write(block.data(), static_cast<std::streamsize>(block.size())).flush()) {
    }
}

std::optional<Answer> submit(Client& client, const std::string& csrf, const std::string& key) {
    const auto body = json::serialize(json::value{{"service", "certificate-of-residence"}, {"language", "en"},
        {"answers", {{"town", "Maladziečna"}, {"street", "vulica Prytyckaha"}, {"house", "13"}, {"purpose", "work"}}}});
    return client.request("POST", "/api/v1/applications", body, {{"Content-Type", "application/json"}, {"X-CSRF-Token", csrf}, {"Idempotency-Key", key}});
}

void run(const char* program, const Path& folder) {
    Installation installation(program, folder, "");
    expect(installation.start().has_value(), "the server starts");
    Client client(installation.port());
    const SignIn& who = installation.citizens().front();
    const auto in = client.request("POST", "/api/v1/session", json::serialize(json::value{{"name", who.name}, {"password", who.password}}), {{"Content-Type", "application/json"}});
    const std::string csrf = in ? string_or(parse_json(in->body)->as_object(), "csrf_token", "") : "";
    const auto first = submit(client, csrf, "before");
    expect(first && first->status == 201, "an application is taken while there is room");

    fill(folder / "filler");
    int refused = 0;
    std::string words;
    for (int i = 0; i < 200 && refused < 5; ++i) {   // what is left in the store's own pages is used up first
        const auto answer = submit(client, csrf, format("full-{}", i));
        if (answer && answer->status == 507) {
            ++refused;
            words = answer->body;
        }
    }
    expect(refused == 5, "a full disk refuses applications with 507");
    expect(words.find("full") != std::string::npos, "and says why: " + words.substr(0, 160));
    const auto page = client.request("GET", "/services/certificate-of-residence");
    expect(page && page->status == 200, "pages can still be read");
    const auto ready = client.request("GET", "/readyz");
    expect(ready && ready->status == 503, "/readyz says no");

    std::filesystem::remove(folder / "filler");
    bool resumed = false;
    for (int i = 0; i < 100 && !resumed; ++i) {
        const auto answer = submit(client, csrf, "after");
        resumed = answer && answer->status == 201;
        if (!resumed) std::this_thread::sleep_for(std::chrono::milliseconds(100));
    }
    expect(resumed, "with room again the server goes on by itself");
    const auto ready_again = client.request("GET", "/readyz");
    expect(ready_again && ready_again->status == 200, "/readyz says yes again");
    const auto again = submit(client, csrf, "before");
    expect(again && first && again->body == first->body, "the first application is there once");
    expect(installation.stop() == 0, "a graceful stop ends with 0");
    expect(installation.run({"doctor"}).first == 0, "the doctor finds nothing wrong");
}

}  // namespace
}  // namespace madang::faults

int main(int argc, char** argv) {
    if (argc != 2) {
        std::fprintf(stderr, "usage: %s PROGRAM\n", argv[0]);
        return 2;
    }
    std::string pattern = "/tmp/madang-disk-XXXXXX";
    const std::string folder = ::mkdtemp(pattern.data());
    if (::mount("none", folder.c_str(), "tmpfs", 0, "size=12m") != 0) {
        std::printf("no small file system can be mounted here\n");
        ::rmdir(folder.c_str());
        return 77;
    }
    madang::faults::run(argv[1], folder);
    ::umount(folder.c_str());
    ::rmdir(folder.c_str());
    std::printf("%d passed, %d failed\n", madang::faults::passed, madang::faults::failed);
    return madang::faults::failed == 0 ? 0 : 1;
}
