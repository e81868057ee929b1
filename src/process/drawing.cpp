// Shapes as chapter 7 and annex B of BPMN 2.0.2 draw them.
#include <algorithm>
#include <cmath>
#include <map>
#include <set>

#include "base/text.h"
#include "process/diagram.h"

namespace madang::process {
namespace {

constexpr double kMargin = 24;
constexpr double kShown = 1.4;   // pixels a unit of the model: its small letters are 15 px high then
constexpr double kLetter = 6.7;     // width of a letter at 11 px, on the wide side
constexpr double kLine = 13;

std::string n(double value) {
    const auto tenths = static_cast<std::int64_t>(std::llround(value * 10));
    return tenths % 10 == 0 ? std::to_string(tenths / 10) : format("{}{}.{}", tenths < 0 && tenths > -10 ? "-" : "", tenths / 10, std::abs(tenths % 10));
}

// The text in lines of at most that width, broken at blanks.
std::vector<std::string> wrapped(std::string_view text, double width, std::size_t most) {
    const auto letters = static_cast<std::size_t>(std::max(4.0, width / kLetter));
    std::vector<std::string> lines;
    std::string line;
    for (const std::string_view word : split(text, ' ')) {
        if (word.empty()) continue;
        if (!line.empty() && count_code_points(line) + 1 + count_code_points(word) > letters) {
            lines.push_back(std::move(line));
            line.clear();
        }
        line += (line.empty() ? "" : " ") + std::string(word);
    }
    if (!line.empty()) lines.push_back(std::move(line));
    if (lines.size() > most) {
        lines.resize(most);
        lines.back() += "…";
    }
    return lines;
}

class Drawing {
public:
    Drawing(const Diagram& diagram, const Progress& progress) : diagram_(diagram), progress_(progress) {
        for (const Edge& edge : diagram.edges) {
            if (edge.waypoints.empty()) continue;
            ends_.insert(cell_of(edge.waypoints.front().x, edge.waypoints.front().y));
            ends_.insert(cell_of(edge.waypoints.back().x, edge.waypoints.back().y));
        }
    }

    std::string draw(const DrawingWords& words) {
        for (const Shape& shape : diagram_.shapes) {
            if (is_container(shape)) draw_shape(shape);
        }
        for (const Edge& edge : diagram_.edges) draw_edge(edge);
        for (const Shape& shape : diagram_.shapes) {
            if (!is_container(shape) && shape.kind != "boundaryEvent") draw_shape(shape);
        }
        for (const Shape& shape : diagram_.shapes) {
            if (shape.kind == "boundaryEvent") draw_shape(shape);
        }
        if (left_ > right_) left_ = right_ = top_ = bottom_ = 0;
        return format("<svg xmlns=\"http://www.w3.org/2000/svg\" class=\"bpmn\" role=\"img\" width=\"{}\" height=\"{}\" viewBox=\"{} {} {} {}\" font-size=\"11\" font-family=\"sans-serif\" fill=\"none\" stroke=\"#0b0c0c\">"
                      "<title>{}</title><desc>{}</desc>{}</svg>",
                      n((right_ - left_ + 2 * kMargin) * kShown), n((bottom_ - top_ + 2 * kMargin) * kShown), n(left_ - kMargin), n(top_ - kMargin), n(right_ - left_ + 2 * kMargin), n(bottom_ - top_ + 2 * kMargin), escape_markup(words.title), escape_markup(words.description), out_);
    }

private:
    static bool is_container(const Shape& shape) {
        return shape.kind == "participant" || shape.kind == "lane" || shape.kind == "group" || ((shape.kind.ends_with("Process") || shape.kind == "transaction") && shape.expanded);
    }

    void reach(double x, double y) {
        left_ = std::min(left_, x);
        right_ = std::max(right_, x);
        top_ = std::min(top_, y);
        bottom_ = std::max(bottom_, y);
    }

    // The state of a step is told by fill and by a class, and again in the list beside the picture.
    std::string opened(const Shape& shape) const {
        std::string state = "bpmn-ahead";
        std::string fill = "#ffffff";
        if (progress_.passed.contains(shape.element)) std::tie(state, fill) = std::pair{"bpmn-passed", "#e6f2ec"};
        if (progress_.here.contains(shape.element)) std::tie(state, fill) = std::pair{"bpmn-here", "#fff7bf"};
        if (progress_.trouble.contains(shape.element)) std::tie(state, fill) = std::pair{"bpmn-trouble", "#f6d7d2"};
        return format("<g class=\"{} bpmn-{}\" fill=\"{}\">", state, escape_markup(shape.kind), fill);
    }

    void text(const std::vector<std::string>& lines, double x, double y, std::string_view anchor = "middle") {
        for (std::size_t i = 0; i < lines.size(); ++i) {
            out_ += format("<text x=\"{}\" y=\"{}\" text-anchor=\"{}\" fill=\"#0b0c0c\" stroke=\"none\">{}</text>", n(x), n(y + kLine * static_cast<double>(i)), anchor, escape_markup(lines[i]));
        }
    }

    // Whether a flow begins or ends within three of that point.
    bool touched(double x, double y) const {
        const auto cell = cell_of(x, y);
        for (const long dx : {-1L, 0L, 1L}) {
            for (const long dy : {-1L, 0L, 1L}) {
                if (ends_.contains({cell.first + dx, cell.second + dy})) return true;
            }
        }
        return false;
    }
    static std::pair<long, long> cell_of(double x, double y) { return {std::lround(x / 2), std::lround(y / 2)}; }

    // Under the shape, above it where flows are under it, or where the file wants it.
    void name_below(const Shape& s, double width) {
        if (s.name.empty()) return;
        const double middle = s.label ? s.label->x + s.label->width / 2 : s.x + s.width / 2;
        const auto lines = wrapped(s.name, std::max(width, s.label ? s.label->width : 0), 3);
        const double above = s.y - 6 - kLine * (static_cast<double>(lines.size()) - 1);
        // A flow that leaves downwards would run through the name.
        const bool up = touched(s.x + s.width / 2, s.y + s.height) && !touched(s.x + s.width / 2, s.y);
        const double top = s.label ? s.label->y + 10 : up ? above : s.y + s.height + 13;
        text(lines, middle, top);
        reach(middle - width / 2, top);
        reach(middle + width / 2, top + kLine * static_cast<double>(lines.size()));
    }

    void draw_shape(const Shape& s) {
        reach(s.x, s.y);
        reach(s.x + s.width, s.y + s.height);
        out_ += opened(s);
        if (s.kind.ends_with("Event")) draw_event(s);
        else if (s.kind.ends_with("Gateway")) draw_gateway(s);
        else if (s.kind == "participant" || s.kind == "lane") draw_pool(s);
        else if (s.kind == "textAnnotation") draw_annotation(s);
        else if (s.kind.starts_with("data")) draw_data(s);
        else if (s.kind == "group") out_ += format("<rect x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\" rx=\"10\" fill=\"none\" stroke-dasharray=\"8 3 2 3\"/>", n(s.x), n(s.y), n(s.width), n(s.height));
        else draw_activity(s);
        out_ += "</g>";
        if (progress_.here.contains(s.element)) {
            out_ += format("<circle class=\"bpmn-token\" cx=\"{}\" cy=\"{}\" r=\"7\" fill=\"#1d70b8\" stroke=\"#ffffff\" stroke-width=\"2\"/>", n(s.x + s.width), n(s.y));
            reach(s.x + s.width + 9, s.y - 9);
        }
    }

    // Clause 10.5.1: start thin, intermediate double, end thick.
    void draw_event(const Shape& s) {
        const double r = std::min(s.width, s.height) / 2;
        const double x = s.x + s.width / 2;
        const double y = s.y + s.height / 2;
        const std::string dash = s.dashed ? " stroke-dasharray=\"4 3\"" : "";
        const bool end = s.kind == "endEvent";
        out_ += format("<circle cx=\"{}\" cy=\"{}\" r=\"{}\" stroke-width=\"{}\"{}/>", n(x), n(y), n(r), end ? 3.5 : 1.2, dash);
        if (!end && s.kind != "startEvent") out_ += format("<circle cx=\"{}\" cy=\"{}\" r=\"{}\"{}/>", n(x), n(y), n(r - 3), dash);
        draw_trigger(s, x, y, r * 0.55);
        name_below(s, 90);
    }

    // Table 10.93 in pictures, on a square of twice `r`.
    void draw_trigger(const Shape& s, double x, double y, double r) {
        static const std::map<std::string, std::string, std::less<>> kPaths{
            {"message", "M-1,-.7H1V.7H-1ZM-1,-.7L0,.1L1,-.7"}, {"error", "M-.9,.9L-.3,-.9L.3,.3L.9,-.9L.3,.9L-.3,-.3Z"}, {"escalation", "M0,-1L.8,.9L0,.2L-.8,.9Z"},
            {"cancel", "M-.9,-.6L-.6,-.9L0,-.3L.6,-.9L.9,-.6L.3,0L.9,.6L.6,.9L0,.3L-.6,.9L-.9,.6L-.3,0Z"}, {"compensate", "M0,-.8V.8L-1,0ZM1,-.8V.8L0,0Z"},
            {"conditional", "M-.7,-.9H.7V.9H-.7ZM-.5,-.5H.5M-.5,-.1H.5M-.5,.3H.5"}, {"link", "M-.9,-.4H.1V-.8L.9,0L.1,.8V.4H-.9Z"}, {"signal", "M0,-.9L.9,.7H-.9Z"},
            {"multiple", "M0,-1L.95,-.3L.6,.8H-.6L-.95,-.3Z"}, {"parallelMultiple", "M-.3,-.9H.3V-.3H.9V.3H.3V.9H-.3V.3H-.9V-.3H-.3Z"},
            {"timer", "M-1,0A1,1 0 1 0 1,0A1,1 0 1 0 -1,0M0,-.6V0H.5"}, {"terminate", "M-.9,0A.9,.9 0 1 0 .9,0A.9,.9 0 1 0 -.9,0"}};
        const auto found = kPaths.find(s.trigger);
        if (found == kPaths.end()) return;
        const bool filled = s.throws || s.trigger == "terminate";
        out_ += format("<path d=\"{}\" transform=\"translate({} {}) scale({})\" stroke-width=\"{}\" fill=\"{}\"/>", found->second, n(x), n(y), n(r), n(1.1 / std::max(r, 1.0) * 1.0 + 0.02),
                       filled && s.trigger != "message" ? "#0b0c0c" : filled ? "#b1b4b6" : "none");
    }

    void draw_gateway(const Shape& s) {
        const double x = s.x + s.width / 2;
        const double y = s.y + s.height / 2;
        out_ += format("<path d=\"M{},{}L{},{}L{},{}L{},{}Z\"/>", n(x), n(s.y), n(s.x + s.width), n(y), n(x), n(s.y + s.height), n(s.x), n(y));
        const double r = s.width / 5;
        const auto path = [&](std::string_view d, double width) { out_ += format("<path d=\"{}\" transform=\"translate({} {}) scale({})\" stroke-width=\"{}\"/>", d, n(x), n(y), n(r), width); };
        if (s.kind == "exclusiveGateway") path("M-.7,-.9L.7,.9M.7,-.9L-.7,.9", 0.35);
        if (s.kind == "parallelGateway") path("M0,-1V1M-1,0H1", 0.35);
        if (s.kind == "inclusiveGateway") path("M-1,0A1,1 0 1 0 1,0A1,1 0 1 0 -1,0", 0.3);
        if (s.kind == "complexGateway") path("M0,-1V1M-1,0H1M-.7,-.7L.7,.7M.7,-.7L-.7,.7", 0.25);
        if (s.kind == "eventBasedGateway") path("M-1.2,0A1.2,1.2 0 1 0 1.2,0A1.2,1.2 0 1 0 -1.2,0M0,-.9L.85,-.25L.55,.7H-.55L-.85,-.25Z", 0.12);
        name_below(s, 100);
    }

    void draw_activity(const Shape& s) {
        const bool sub = s.kind.ends_with("Process") || s.kind == "transaction";
        const std::string dash = sub && s.dashed ? " stroke-dasharray=\"3 3\"" : "";
        out_ += format("<rect x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\" rx=\"8\" stroke-width=\"{}\"{}/>", n(s.x), n(s.y), n(s.width), n(s.height), s.kind == "callActivity" ? 3.5 : 1.2, dash);
        if (s.kind == "transaction") out_ += format("<rect x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\" rx=\"6\"/>", n(s.x + 3), n(s.y + 3), n(s.width - 6), n(s.height - 6));
        draw_task_type(s);
        if (sub && s.expanded) {
            text(wrapped(s.name, s.width - 20, 1), s.x + 12, s.y + 16, "start");
        } else {
            const auto lines = wrapped(s.name, s.width - 12, static_cast<std::size_t>(std::max(1.0, (s.height - 14) / kLine)));
            text(lines, s.x + s.width / 2, s.y + s.height / 2 + 4 - kLine * (static_cast<double>(lines.size()) - 1) / 2);
        }
        draw_markers(s, sub);
    }

    // Clause 10.3.3: the sign of a task's type, in its upper left corner.
    void draw_task_type(const Shape& s) {
        static const std::map<std::string, std::string, std::less<>> kSigns{
            {"userTask", "M-.5,-.5A.5,.5 0 1 0 .5,-.5A.5,.5 0 1 0 -.5,-.5M-.9,1C-.9,.2 -.5,0 0,0C.5,0 .9,.2 .9,1Z"}, {"manualTask", "M-1,-.3H.9V.1H.3M-1,.7H.7L.9,.1M-1,-.3V.7"},
            {"serviceTask", "M-.6,0A.6,.6 0 1 0 .6,0A.6,.6 0 1 0 -.6,0M0,-1V-.6M0,.6V1M-1,0H-.6M.6,0H1M-.7,-.7L-.4,-.4M.4,.4L.7,.7M.7,-.7L.4,-.4M-.4,.4L-.7,.7"},
            {"scriptTask", "M-.6,-.9H.9C.3,-.3 .9,.3 .4,.9H-.9C-.3,.3 -.9,-.3 -.6,-.9M-.3,-.4H.4M-.2,0H.4M-.4,.4H.3"}, {"businessRuleTask", "M-1,-.7H1V.7H-1ZM-1,-.3H1M-1,.2H1M-.4,-.3V.7"},
            {"sendTask", "M-1,-.7H1V.7H-1ZM-1,-.7L0,.1L1,-.7"}, {"receiveTask", "M-1,-.7H1V.7H-1ZM-1,-.7L0,.1L1,-.7"}};
        const auto found = kSigns.find(s.kind);
        if (found == kSigns.end()) return;
        out_ += format("<path d=\"{}\" transform=\"translate({} {}) scale(7)\" stroke-width=\".15\" fill=\"{}\"/>", found->second, n(s.x + 13), n(s.y + 12), s.kind == "sendTask" ? "#b1b4b6" : "none");
    }

    // Clause 10.3: what stands at the foot of an activity.
    void draw_markers(const Shape& s, bool sub) {
        std::vector<std::string> signs;
        if (s.loop == "standard") signs.emplace_back("M.6,.6A.8,.8 0 1 0 0,.8M0,.8L-.4,.5M0,.8L-.3,1.1");
        if (s.loop == "parallel") signs.emplace_back("M-.6,-.8V.8M0,-.8V.8M.6,-.8V.8");
        if (s.loop == "sequential") signs.emplace_back("M-.8,-.6H.8M-.8,0H.8M-.8,.6H.8");
        if (s.compensates) signs.emplace_back("M0,-.7V.7L-.9,0ZM.9,-.7V.7L0,0Z");
        if (s.kind == "adHocSubProcess") signs.emplace_back("M-.9,.2C-.5,-.8 .4,.8 .9,-.2");
        if (sub && !s.expanded) signs.emplace_back("M-.9,-.9H.9V.9H-.9ZM0,-.6V.6M-.6,0H.6");
        double x = s.x + s.width / 2 - 8 * (static_cast<double>(signs.size()) - 1);
        for (const std::string& sign : signs) {
            out_ += format("<path d=\"{}\" transform=\"translate({} {}) scale(6)\" stroke-width=\".2\"/>", sign, n(x), n(s.y + s.height - 9));
            x += 16;
        }
    }

    void draw_pool(const Shape& s) {
        out_ += format("<rect x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\" fill=\"none\"/>", n(s.x), n(s.y), n(s.width), n(s.height));
        if (s.kind == "participant" && s.horizontal) out_ += format("<path d=\"M{},{}V{}\"/>", n(s.x + 30), n(s.y), n(s.y + s.height));
        if (s.kind == "participant" && !s.horizontal) out_ += format("<path d=\"M{},{}H{}\"/>", n(s.x), n(s.y + 30), n(s.x + s.width));
        if (s.name.empty()) return;
        if (!s.horizontal) return text(wrapped(s.name, s.width - 10, 1), s.x + s.width / 2, s.y + 19);
        out_ += format("<text transform=\"translate({} {}) rotate(-90)\" text-anchor=\"middle\" fill=\"#0b0c0c\" stroke=\"none\">{}</text>", n(s.x + 19), n(s.y + s.height / 2), escape_markup(s.name));
    }

    void draw_annotation(const Shape& s) {
        out_ += format("<path d=\"M{},{}H{}V{}H{}\" fill=\"none\"/>", n(s.x + 12), n(s.y), n(s.x), n(s.y + s.height), n(s.x + 12));
        text(wrapped(s.name, s.width - 8, static_cast<std::size_t>(std::max(1.0, s.height / kLine))), s.x + 6, s.y + 14, "start");
    }

    void draw_data(const Shape& s) {
        const double fold = std::min(12.0, s.width / 3);
        if (s.kind.starts_with("dataStore")) {
            out_ += format("<path d=\"M{0},{2}C{0},{3} {1},{3} {1},{2}V{4}C{1},{5} {0},{5} {0},{4}ZM{0},{2}C{0},{6} {1},{6} {1},{2}\"/>", n(s.x), n(s.x + s.width), n(s.y + 8), n(s.y - 3),
                           n(s.y + s.height - 8), n(s.y + s.height + 3), n(s.y + 19));
        } else {
            out_ += format("<path d=\"M{},{}H{}L{},{}V{}H{}ZM{},{}V{}H{}\"/>", n(s.x), n(s.y), n(s.x + s.width - fold), n(s.x + s.width), n(s.y + fold), n(s.y + s.height), n(s.x),
                           n(s.x + s.width - fold), n(s.y), n(s.y + fold), n(s.x + s.width));
        }
        name_below(s, 100);
    }

    void draw_edge(const Edge& edge) {
        if (edge.waypoints.size() < 2) return;
        std::string path;
        for (const Point& point : edge.waypoints) {
            reach(point.x, point.y);
            path += format("{}{},{}", path.empty() ? "M" : "L", n(point.x), n(point.y));
        }
        const bool message = edge.kind == "messageFlow";
        const bool association = edge.kind.contains("ssociation");
        out_ += format("<g class=\"bpmn-flow bpmn-{}\"><path d=\"{}\"{}/>", escape_markup(edge.kind), path, message ? " stroke-dasharray=\"6 4\"" : association ? " stroke-dasharray=\"2 3\"" : "");
        const Point& before = edge.waypoints[edge.waypoints.size() - 2];
        if (!association) out_ += head(before, edge.waypoints.back(), message ? "#ffffff" : "#0b0c0c");
        const Point& first = edge.waypoints.front();
        if (message) out_ += format("<circle cx=\"{}\" cy=\"{}\" r=\"3.5\" fill=\"#ffffff\"/>", n(first.x), n(first.y));
        if (edge.is_default) out_ += mark(first, edge.waypoints[1], "M8,-5L14,5");
        else if (edge.conditional) out_ += mark(first, edge.waypoints[1], "M0,0L8,-5L16,0L8,5Z");
        if (!edge.name.empty()) {
            // On the longest piece.
            std::size_t longest = 1;
            const auto length = [&](std::size_t i) { return std::hypot(edge.waypoints[i].x - edge.waypoints[i - 1].x, edge.waypoints[i].y - edge.waypoints[i - 1].y); };
            for (std::size_t i = 2; i < edge.waypoints.size(); ++i) longest = length(i) > length(longest) ? i : longest;
            const Point& a = edge.waypoints[longest - 1];
            const Point& b = edge.waypoints[longest];
            const bool upright = std::abs(a.x - b.x) < std::abs(a.y - b.y);
            if (edge.label) text(wrapped(edge.name, std::max(60.0, edge.label->width), 2), edge.label->x + edge.label->width / 2, edge.label->y + 10);
            else text(wrapped(edge.name, 110, 2), (a.x + b.x) / 2 + (upright ? 5 : 0), (a.y + b.y) / 2 - (upright ? -4 : 5), upright ? "start" : "middle");
        }
        out_ += "</g>";
    }

    static double angle(const Point& from, const Point& to) { return std::atan2(to.y - from.y, to.x - from.x) * 57.29577951; }
    static std::string head(const Point& from, const Point& to, std::string_view fill) {
        return format("<path d=\"M0,0L-9,-4.5V4.5Z\" transform=\"translate({} {}) rotate({})\" fill=\"{}\"/>", n(to.x), n(to.y), n(angle(from, to)), fill);
    }
    static std::string mark(const Point& from, const Point& to, std::string_view path) {
        return format("<path d=\"{}\" transform=\"translate({} {}) rotate({})\" fill=\"#ffffff\"/>", path, n(from.x), n(from.y), n(angle(from, to)));
    }

    const Diagram& diagram_;
    const Progress& progress_;
    std::set<std::pair<long, long>> ends_;
    std::string out_;
    double left_ = 1e9, right_ = -1e9, top_ = 1e9, bottom_ = -1e9;
};

}  // namespace

std::string draw_svg(const Diagram& diagram, const Progress& progress, const DrawingWords& words) { return Drawing(diagram, progress).draw(words); }

}  // namespace madang::process
