// A small HTTP/1.1 client over one kept-alive connection, for fault tests and benchmarks. It reports a
// broken connection as nothing: a killed server is what the tests are about.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace madang::faults {

struct Answer {
    int status = 0;
    std::map<std::string, std::string> headers;  // names in lower case
    std::string body;
};

class Client {
public:
    explicit Client(int port) : port_(port) {}
    ~Client();
    Client(const Client&) = delete;
    Client& operator=(const Client&) = delete;

    std::optional<Answer> request(std::string_view method, std::string_view path, std::string_view body = {},
                                  const std::map<std::string, std::string>& headers = {});
    std::string cookie;  // sent with every request; kept from Set-Cookie

private:
    bool connect();
    void close();
    std::optional<Answer> read_answer();
    bool fill();

    int port_;
    int socket_ = -1;
    std::string buffer_;
};

}  // namespace madang::faults
