// Casework at the command line: case list, workload, import, recompute, absent.
#include <gmock/gmock.h>

#include "base/text.h"
#include "program/commands.h"

namespace madang {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

class CaseCommands : public Commands {
protected:
    Ran of_case(const std::string& arguments) const { return run_there("case " + arguments); }
};

TEST_F(CaseCommands, SayWhatTheyDoWithAnExample) {
    for (const char* command : {"list", "show", "workload", "export", "import", "recompute", "absent", "tasks", "claim", "task", "decide", "extend", "ask", "letter"}) {
        const Ran help = of_case(std::string(command) + " --help");
        EXPECT_EQ(help.code, 0) << command;
        EXPECT_THAT(help.out, HasSubstr(std::string("Example:\n  madang case ") + command));
    }
}

TEST_F(CaseCommands, WorkOnAnInstallationThatHasNoCases) {
    install();
    EXPECT_EQ(of_case("list --body BY-MI-MLD-RSC").out, "nothing waits\n");
    EXPECT_EQ(of_case("list --body BY-MI-MLD-RSC --json").out, "[]\n");
    EXPECT_THAT(of_case("workload --body BY-MI-MLD-RSC").out, StartsWith("0 open, 0 with nobody, 0 overdue, 0 wait for somebody else\n"));
    EXPECT_THAT(of_case("export --body BY-MI-MLD-RSC").out, StartsWith("receipt,kind,service,status,"));
    EXPECT_EQ(of_case("recompute --json").out, "{\"moved\":0}\n");
    const Ran unknown = of_case("list --body NOWHERE");
    EXPECT_EQ(unknown.code, 4);
    EXPECT_THAT(unknown.errors, HasSubstr("the pack has no body \"NOWHERE\""));
    EXPECT_EQ(of_case("import /nowhere.csv --service certificate-of-residence --as Nina").code, 4);
    const Ran stranger = of_case("decide 7K2M-Q9XD-4TRB-VHN3-W --body BY-MI-MLD-RSC --as Nobody --outcome grant --ground 25 --reason x");
    EXPECT_EQ(stranger.code, 4);
    EXPECT_THAT(stranger.errors, HasSubstr("\"Nobody\" is no officer of BY-MI-MLD-RSC"));
}

TEST_F(CaseCommands, APaymentProviderNeedsASecretThatIsLongEnough) {
    install();
    ASSERT_TRUE(write_file_whole(folder_ / "data" / "madang.toml", format("pack = \"{}/packs/by\"\npayment_url = \"https://pay.example\"\npayment_secret = \"short\"\n", MADANG_SOURCE_DIR)));
    const Ran refused = of_case("list --body BY-MI-MLD-RSC");
    EXPECT_EQ(refused.code, 3);
    EXPECT_THAT(refused.errors, HasSubstr("payment_url: the secret shared with the payment provider has at least 32 bytes"));
}

}  // namespace
}  // namespace madang
