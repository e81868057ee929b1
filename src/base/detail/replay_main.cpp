// Runs a libFuzzer target over a folder of inputs, so that every finding stays a test without the
// fuzzer: replay FOLDER. Ends with "N passed, N failed"; a crash ends the process before that.
#include <cstdio>

#include "base/file.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

int main(int argc, char** argv) {
    if (argc != 2) {
        std::fprintf(stderr, "usage: %s FOLDER\n", argv[0]);
        return 2;
    }
    const auto files = madang::list_files(argv[1]);
    if (!files || files->empty()) {
        std::fprintf(stderr, "%s holds no inputs\n", argv[1]);
        return 1;
    }
    for (const std::string& file : *files) {
        const auto content = madang::read_file(madang::Path(argv[1]) / file);
        if (!content) {
            std::fprintf(stderr, "%s\n", content.error().message.c_str());
            return 1;
        }
        LLVMFuzzerTestOneInput(madang::as_bytes(*content).data(), content->size());
    }
    std::printf("%zu passed, 0 failed\n", files->size());
    return 0;
}
