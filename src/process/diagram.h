// The picture of a BPMN file: its shapes and edges with what they mean (BPMN 2.0.2, chapter 12), or, where a file carries
// no diagram, one that is laid out from left to right. Also the steps as a list, for those who do not see pictures.
#pragma once

#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace madang::process {

struct Point {
    double x = 0, y = 0;
};

// Where the file wants a name to stand: its upper left corner and its width.
struct Label {
    double x = 0, y = 0, width = 0;
};

struct Shape {
    std::string id;          // of the BPMNShape, empty where it was laid out
    std::string element;     // id of what it shows
    std::string kind;        // "userTask", "participant", …
    std::string name;
    double x = 0, y = 0, width = 0, height = 0;
    std::string trigger;     // "timer", "message", …, "multiple", "" for none
    bool throws = false;     // the event throws what its trigger says
    bool dashed = false;     // does not interrupt; also the frame of an event sub-process
    bool expanded = true;    // of a sub-process
    bool horizontal = true;  // of a pool or lane
    std::string loop;        // "", "standard", "parallel" or "sequential"
    bool compensates = false;
    std::optional<Label> label = {};
};

struct Edge {
    std::string id;
    std::string element;
    std::string kind;        // "sequenceFlow", "messageFlow", "association", …
    std::string name;
    std::vector<Point> waypoints;
    bool is_default = false;
    bool conditional = false;
    std::optional<Label> label = {};
};

struct Diagram {
    std::vector<Shape> shapes;   // pools and lanes first, as the file has them
    std::vector<Edge> edges;
    bool laid_out = false;       // by us
};

// Code::invalid with the element and line for numbers that are none or beyond ±1,000,000; Code::exhausted beyond 20,000 shapes.
Result<Diagram> read_diagram(std::string_view xml, std::string_view name);

// Where a process stands, by ids of elements.
struct Progress {
    std::set<std::string, std::less<>> here;      // a token is there
    std::set<std::string, std::less<>> passed;
    std::set<std::string, std::less<>> trouble;   // an incident
    bool over = false;                            // it has ended: what was not passed never will be
};
struct DrawingWords {
    std::string title;
    std::string description;
};
// Inline SVG for a page under a strict policy: no scripts, no style attributes, classes "bpmn-…" and presentation attributes.
std::string draw_svg(const Diagram& diagram, const Progress& progress, const DrawingWords& words);

struct StepLine {
    enum class State { ahead, passed, here, trouble, not_taken };
    std::string kind;
    std::string name;        // or the id, where it has none
    State state = State::ahead;
};
// Activities, events and gateways with a name, from left to right.
std::vector<StepLine> list_steps(const Diagram& diagram, const Progress& progress);

}  // namespace madang::process
