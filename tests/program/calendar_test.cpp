// Terms and working days at the command line: calendar explain, calendar show, on the packs of Belarus and Korea.
#include "base/json.h"
#include "program/commands.h"

namespace madang {
namespace {

using testing::EndsWith;
using testing::HasSubstr;
using testing::StartsWith;

const std::string kPacks = std::string(MADANG_SOURCE_DIR) + "/packs";

class CalendarCommands : public Commands {
protected:
    Ran run(const std::string& arguments) const { return Commands::run("calendar " + arguments); }
    Ran run_in(const std::string& pack, const std::string& arguments) const { return run(format("{} --pack '{}/{}'", arguments, kPacks, pack)); }
};

TEST_F(CalendarCommands, SayWhatTheyDoWithAnExample) {
    for (const char* command : {"explain", "show"}) {
        const Ran help = run(std::string(command) + " --help");
        EXPECT_EQ(help.code, 0);
        EXPECT_THAT(help.out, HasSubstr(std::string("Example:\n  madang calendar ") + command));
    }
}

TEST_F(CalendarCommands, ExplainCountsSuspensionsAndExtensions) {
    const auto date = [&](const std::string& more) {
        const Ran ran = run_in("by", "explain 2026-11-23 --time 10:00 --term 3wd --json " + more);
        EXPECT_EQ(ran.code, 0) << ran.errors;
        return string_or(parse_json(ran.out)->get_object(), "date", "");
    };
    EXPECT_EQ(date(""), "2026-11-26");
    EXPECT_EQ(date("--extend 2wd"), "2026-11-30");
    EXPECT_GT(date("--suspend 2026-11-24..2026-11-26"), "2026-11-27");
    EXPECT_GT(date("--suspend 2026-11-24..2026-11-25 --extend 2wd"), "2026-11-30");
    const Ran wrong = run_in("by", "explain 2026-11-23 --term 3wd --suspend 2026-11-24");
    EXPECT_EQ(wrong.code, 3);
    EXPECT_THAT(wrong.errors, HasSubstr("--suspend: \"2026-11-24\" is no pair of days"));
}

TEST_F(CalendarCommands, CountByThePackOfTheInstallation) {
    const Path pack = folder_ / "pack";
    std::filesystem::copy(kPacks + "/by", pack, std::filesystem::copy_options::recursive);
    std::string government = *read_file(pack / "government.json");
    for (std::size_t at = government.find("\"17:00\""); at != std::string::npos; at = government.find("\"17:00\"", at)) government.replace(at, 7, "\"15:00\"");
    ASSERT_TRUE(write_file_whole(pack / "government.json", government));
    ASSERT_EQ(Commands::run(format("--data '{}/data' init --pack '{}'", folder_.string(), pack.string())).code, 0);
    const Ran ran = run_there("calendar explain 2026-11-24 --term 3wd");
    EXPECT_EQ(ran.code, 0) << ran.errors;
    EXPECT_THAT(ran.out, HasSubstr("at 15:00"));
    const Ran nobodys = run("show 2026");
    EXPECT_EQ(nobodys.code, 3);
    EXPECT_THAT(nobodys.errors, HasSubstr("whose calendar?"));
}

TEST_F(CalendarCommands, ExplainNamesEachStepAndItsArticle) {
    const Ran ran = run_in("by", "explain 2026-11-27 --time 17:30 --term 3wd");
    EXPECT_EQ(ran.code, 0) << ran.errors;
    EXPECT_EQ(ran.out,
              "Received on 27 November 2026 at 17:30, after the end of the working day at 17:00. (Civil Code of Belarus, art. 195)\n"
              "It counts as received on the next working day, 30 November 2026. (Civil Code of Belarus, art. 195)\n"
              "The term is 3 working days from the day after receipt; the last is 3 December 2026. (Civil Code of Belarus, art. 192)\n"
              "The working day ends at 17:00. (Civil Code of Belarus, art. 195)\n"
              "3 December 2026 at 17:00\n");
    EXPECT_THAT(run_in("by", "explain 2026-11-27 --term 3wd --lang be").out, HasSubstr("(Грамадзянскі кодэкс Рэспублікі Беларусь, арт. 192)"));
    EXPECT_THAT(run_in("by", "explain 2026-11-27 --term 3wd --lang ru").out, HasSubstr("(Гражданский кодекс Республики Беларусь, ст. 192)"));
}

TEST_F(CalendarCommands, ExplainCountsByTheRuleThatIsAsked) {
    EXPECT_THAT(run_in("kr", "explain 2017-09-19 --term 10d").out, EndsWith("10 October 2017 at 18:00\n"));
    EXPECT_THAT(run_in("kr", "explain 2026-11-23 --term at-once --time 11:00").out, EndsWith("23 November 2026 at 15:00\n"));
    EXPECT_THAT(run_in("by", "explain 2026-11-27 --term 2d --rule eu").out, HasSubstr("(Regulation 1182/71, art. 3(5))"));
    const auto told = parse_json(run_in("kr", "explain 2026-11-23 --term 3d --json").out);
    ASSERT_TRUE(told);
    EXPECT_EQ(told->at("due"), "2026-11-26T01:00:00.000000Z");
    EXPECT_EQ(told->at("rule"), "kr");
    EXPECT_EQ(told->at("steps").at(1).at("article"), "Civil Petitions Decree of Korea, art. 18(1)");
}

TEST_F(CalendarCommands, ExplainRefusesByPlaceAndCode) {
    EXPECT_EQ(run_in("by", "explain 2026-02-30 --term 3wd").code, 3);
    EXPECT_EQ(run_in("by", "explain 2026-11-27 --term 3x").code, 3);
    EXPECT_EQ(run_in("by", "explain 2026-11-27 --term 3wd --time 25:00").code, 3);
    EXPECT_EQ(run_in("by", "explain 2026-11-27 --term 3wd --time '1 :00'").code, 3);
    EXPECT_EQ(run_in("by", "explain 2026-11-27 --term 3wd --rule uk").code, 3);
    EXPECT_EQ(run_in("by", "explain 2026-11-27 --term at-once").code, 3);
    EXPECT_EQ(run_in("by", "explain 2026-11-27 --term 3wd --body NONE").code, 4);
    EXPECT_EQ(run_in("by", "explain 2026-11-27 --term 3wd --lang fr").code, 4);
    EXPECT_EQ(run_in("none", "explain 2026-11-27 --term 3wd").code, 4);
    EXPECT_EQ(run_in("by", "explain 2026-11-27").code, 2);
}

TEST_F(CalendarCommands, ShowTellsWorkingShortAndFreeDays) {
    const Ran ran = run_in("by", "show 2026");
    EXPECT_EQ(ran.code, 0) << ran.errors;
    EXPECT_THAT(ran.out, StartsWith("2026-01\n Mo  Tu  We  Th  Fr  Sa  Su\n"));
    EXPECT_THAT(ran.out, HasSubstr("2026-04\n Mo  Tu  We  Th  Fr  Sa  Su\n          1   2   3   4.  5.\n  6   7   8   9  10  11. 12.\n"
                                   " 13  14  15  16  17  18. 19.\n 20. 21* 22  23  24  25+ 26.\n 27  28  29  30-\n21 working days\n"));
    const auto told = parse_json(run_in("kr", "show 2017 --json").out);
    ASSERT_TRUE(told);
    EXPECT_EQ(told->at("days").as_array().size(), 365U);
    EXPECT_EQ(told->at("days").at(274).at("date"), "2017-10-02");
    EXPECT_EQ(told->at("days").at(274).at("kind"), "holiday");
    EXPECT_THAT(run_in("by", "show 2031").out, EndsWith("The days off of this year are not published yet.\n"));
    EXPECT_EQ(run_in("by", "show MMXXVI").code, 3);
}

}  // namespace
}  // namespace madang
