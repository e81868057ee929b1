// An installation of the real program in a scratch folder, for fault tests: made by `madang init` and
// `madang demo load`, started, killed and started again.
#pragma once

#include <sys/types.h>

#include <optional>
#include <string>
#include <vector>

#include "base/file.h"

namespace madang::faults {

struct SignIn {
    std::string name;
    std::string password;
    bool staff = false;
};

class Installation {
public:
    // `store` is empty for SQLite or the address of an empty PostgreSQL database; without a `pack` it is packs/by.
    Installation(Path program, Path folder, std::string store, Path pack = {});
    ~Installation();
    Installation(const Installation&) = delete;
    Installation& operator=(const Installation&) = delete;

    // Starts the server and waits until /readyz says yes; seconds it took, or nothing after `at_most`.
    std::optional<double> start(double at_most = 20);
    void kill();          // SIGKILL
    int stop();           // SIGTERM; the exit code
    int port() const { return port_; }
    pid_t process() const { return process_; }
    const Path& folder() const { return folder_; }
    Path data() const { return folder_ / "data"; }
    const std::vector<SignIn>& citizens() const { return citizens_; }
    const std::vector<SignIn>& officers() const { return officers_; }   // they need a code: `madang demo code NAME`
    // Runs the program with --data and more; its exit code and standard output.
    std::pair<int, std::string> run(std::vector<std::string> arguments) const;

private:
    Path program_;
    Path folder_;
    std::string store_;
    int port_ = 0;
    pid_t process_ = -1;
    std::vector<SignIn> citizens_;
    std::vector<SignIn> officers_;
};

}  // namespace madang::faults
