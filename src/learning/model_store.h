// The models of an installation as files: numbered versions, each signed, and which of them counts.
//
//   FOLDER/signing.key                 Ed25519 seed, made at the first training, private to its owner
//   FOLDER/NAME/0001/manifest.json     protocol, features, calibration, threshold, hashes; signed in manifest.sig
//   FOLDER/NAME/0001/model.ubj         the trees; their hash is in the manifest
//   FOLDER/NAME/0001/report.json, report.svg, report.txt
//   FOLDER/NAME/history.jsonl          who approved or rolled back what and when, each line signed
//   FOLDER/NAME/labels.jsonl           what analysts said of records, each line signed
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/file.h"
#include "base/random.h"
#include "learning/labels.h"
#include "learning/signed_lines.h"
#include "learning/training.h"

namespace madang::learning {

struct Version {
    int number = 0;
    Instant made_at{};
    std::string data_sha256;      // of all training files, in their order
    double held_out_recall = 0;   // mean over held-out attack types
    double false_alarms = 0;
    std::size_t labels = 0;       // records that analysts labelled, taught to it
    bool approved = false;        // this one counts
};

struct HistoryLine {
    Instant at{};
    std::string action;           // "approved", "rolled back"
    int version = 0;              // that counts from then on
    std::string by, reason;
};

// What labels.jsonl held when a training read it.
struct LabelsRead {
    std::vector<Label> all;
    std::string sha256;           // of the file; empty where there is none
};

class ModelStore {
public:
    // The folder is made where it is not there.
    static Result<ModelStore> open(const Path& folder, const Clock& clock, Random& random);

    // Appears whole or not at all; the number it got. `labels` are those that were taught, of which the manifest names number and
    // hash.
    Result<int> keep(const Trained& trained, std::string_view data_sha256, const LabelsRead& labels = {});
    Result<std::vector<std::string>> names() const;
    Result<std::vector<Version>> versions(std::string_view name) const;
    // The approved one without a number. Code::not_found; Code::corrupted where a signature or a hash does not fit.
    Result<Model> load(std::string_view name, std::optional<int> number = {}) const;
    Result<std::vector<HistoryLine>> history(std::string_view name) const;
    Result<void> approve(std::string_view name, int number, std::string_view by, std::string_view reason);
    // The version that counted before counts again; its number. Code::conflict where there was none.
    Result<int> roll_back(std::string_view name, std::string_view by, std::string_view reason);

    // Of the newest version, else the one that the program brings. Code::not_found.
    Result<Protocol> protocol_of(std::string_view name) const;
    // All of them or none; `at` is now. Code::invalid for a record that is none of the protocol's, Code::exhausted beyond kMaxLabels.
    Result<void> add_labels(std::string_view name, const Protocol& protocol, const std::vector<Label>& labels);
    // In the order in which they were given; `first` at most.
    Result<LabelsRead> labels(std::string_view name, std::size_t first = SIZE_MAX) const;
    // Those that version was taught. Code::corrupted where they are no longer there as they were.
    Result<std::vector<Label>> taught_to(std::string_view name, int number) const;

private:
    ModelStore(Path folder, const Clock& clock, Bytes seed) : folder_(std::move(folder)), clock_(&clock), seed_(std::move(seed)) {}
    Result<void> add_line(std::string_view name, HistoryLine line);
    Result<json::object> manifest(std::string_view name, int number) const;
    Path folder_of(std::string_view name, int number) const;
    SignedLines lines_of(std::string_view name, std::string_view file) const;

    Path folder_;
    const Clock* clock_;
    Bytes seed_;
};

}  // namespace madang::learning
