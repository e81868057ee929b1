// Procedures at the command line: process check, format, list, show, incidents, repair, migrate.
#include "base/json.h"
#include "program/commands.h"

namespace madang {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

const std::string kSource = MADANG_SOURCE_DIR;

class ProcessCommands : public Commands {
protected:
    Ran process(const std::string& arguments) const { return run_there("process " + arguments); }
};

TEST_F(ProcessCommands, ACommandThatThereIsNotIsNamedWithTheNearest) {
    EXPECT_THAT(Commands::run("procss list").errors, testing::HasSubstr("there is no command \"madang procss\"; did you mean \"madang process\"?"));
    EXPECT_THAT(Commands::run("--data x case shw 1").errors, testing::HasSubstr("there is no command \"madang case shw\"; did you mean \"madang case show\"?"));
    EXPECT_THAT(Commands::run("--json process lis").out, testing::HasSubstr("there is no command"));
    EXPECT_EQ(Commands::run("process lis").code, 2);
    EXPECT_EQ(Commands::run("case --help").code, 0);
}

TEST_F(ProcessCommands, SayWhatTheyDoWithAnExample) {
    for (const char* command : {"check", "draw", "list", "show", "incidents", "retry", "dismiss", "skip", "repair", "migrate", "message", "signal", "prune", "format"}) {
        const Ran help = process(std::string(command) + " --help");
        EXPECT_EQ(help.code, 0) << command;
        EXPECT_THAT(help.out, HasSubstr(std::string("Example:\n  madang process ") + command));
    }
}

TEST_F(ProcessCommands, CheckSaysWhereAModelIsWrong) {
    const Ran good = process(format("check '{}/packs/by/services/certificate-of-residence/process.bpmn'", kSource));
    EXPECT_EQ(good.code, 0);
    EXPECT_EQ(good.out, "certificate_of_residence: 11 nodes, 11 sequence flows; it can be run\n");
    const std::string bad = file("bad.bpmn", "<definitions xmlns=\"http://www.omg.org/spec/BPMN/20100524/MODEL\">\n<process id=\"p\">\n<startEvent id=\"s\"/>\n</process></definitions>");
    const Ran refused = process("check '" + bad + "'");
    EXPECT_EQ(refused.code, 3);
    EXPECT_THAT(refused.errors, HasSubstr("bad.bpmn:3: <startEvent id=\"s\">: no flow leaves the start event"));
    const std::string lonely = file("lonely.bpmn", "<definitions xmlns=\"http://www.omg.org/spec/BPMN/20100524/MODEL\" targetNamespace=\"urn:t\">\n<process id=\"p\" isExecutable=\"true\"><startEvent id=\"s\"/>\n"
                                    "<textAnnotation id=\"t\" textFormat=\"html\"/><endEvent id=\"e\"/><sequenceFlow id=\"f\" sourceRef=\"s\" targetRef=\"e\"/></process></definitions>");
    const Ran broken = process("check '" + lonely + "'");
    EXPECT_EQ(broken.code, 3);
    EXPECT_THAT(broken.out, StartsWith("lonely.bpmn:3: <textAnnotation t>: textFormat is no media type (EXT.010, clause 8.4.1)\n"));
    EXPECT_THAT(broken.out, HasSubstr("warning: lonely.bpmn:3: <endEvent e>: endEvent stands too late in process (XSD.order, clause 15.3)\n"));
    EXPECT_THAT(process("check --json '" + lonely + "'").out, HasSubstr("\"rule\":\"EXT.010\""));
    EXPECT_EQ(process("check /nowhere.bpmn").code, 4);
}

TEST_F(ProcessCommands, DrawAModelWithItsToken) {
    const std::string model = format("draw '{}/packs/by/services/certificate-of-residence/process.bpmn'", kSource);
    const Ran drawn = process(model + " --at Officer_decides");
    EXPECT_EQ(drawn.code, 0) << drawn.errors;
    EXPECT_THAT(drawn.out, StartsWith("<svg xmlns="));
    EXPECT_THAT(drawn.out, HasSubstr("class=\"bpmn-here bpmn-userTask\""));
    EXPECT_THAT(process(model + " --json").out, HasSubstr("\"laid_out\":"));
    EXPECT_EQ(process("draw /nowhere.bpmn").code, 4);
}

TEST_F(ProcessCommands, LookAtAnInstallationThatRunsNothing) {
    install();
    EXPECT_EQ(process("list").out, "no procedure has begun\n");
    EXPECT_EQ(process("list --state stands").out, "nothing was found\n");
    EXPECT_EQ(process("list --json").out, "{\"total\":0,\"first\":0,\"processes\":[]}\n");
    EXPECT_THAT(process("list --state odd").errors, HasSubstr("\"odd\" is no state"));
    EXPECT_THAT(process("list --page 0").errors, HasSubstr("--page: a number from 1"));
    EXPECT_EQ(process("incidents --json").out, "{\"total\":0,\"first\":0,\"incidents\":[]}\n");
    EXPECT_EQ(process("incidents").out, "nothing waits for a person\n");
    EXPECT_EQ(process("prune --before 2030-01-01 --json").out, "{\"forgotten\":0,\"by_model\":[]}\n");
    const std::string nobody = "01a3185c-5000-7002-9090-80bf93f4a6ed";
    for (const std::string& command : {"show " + nobody, "retry " + nobody + " 1", "dismiss " + nobody + " 1 --reason x", "skip " + nobody + " 1 --reason x",
                                       "repair " + nobody + " --variables '{\"a\":1}' --reason x",
                                       "migrate " + nobody + " 2 --dry-run"}) {
        const Ran ran = process(command);
        EXPECT_EQ(ran.code, 4) << command << ran.errors;
        EXPECT_THAT(ran.errors, StartsWith("madang: there is no ")) << command;
    }
    EXPECT_EQ(process("show 12").code, 3);
    EXPECT_THAT(process("migrate " + nobody + " 2 --map x --dry-run").errors, HasSubstr("--map: \"x\" is not OLD=NEW"));
}

}  // namespace
}  // namespace madang
