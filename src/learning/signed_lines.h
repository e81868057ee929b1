// A file of JSON lines to which lines are only added: each is signed together with the signature before it, so that none can be
// changed, put in or taken out of the middle. What was said last could be cut off; who needs to know that keeps its hash elsewhere
// (as the manifest of a model does).
#pragma once

#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/file.h"
#include "base/json.h"
#include "base/result.h"

namespace madang::learning {

struct LinesRead {
    std::vector<json::object> lines;    // without "signature"
    std::string last_signature;
    std::string text;                   // of the file
};

class SignedLines {
public:
    // `seed` of the Ed25519 key. The file need not be there.
    SignedLines(Path file, ByteSpan seed) : file_(std::move(file)), seed_(seed.begin(), seed.end()) {}

    // Code::corrupted with the line that this key did not sign.
    Result<LinesRead> read() const;
    // All of them or none, on disk when it returns. Code::conflict while another process adds.
    Result<void> add(const std::vector<json::object>& lines) const;

private:
    Path file_;
    Bytes seed_;
};

}  // namespace madang::learning
