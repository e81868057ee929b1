// madang pack validate.
#include "base/text.h"
#include "catalogue/pack.h"
#include "cli/command.h"
#include "documents/certificate_template.h"

namespace madang::cli {
namespace {

// What the rooms above the catalogue find in the files of a pack that loads.
std::vector<std::string> problems_of(const catalogue::Pack& pack) {
    std::vector<std::string> problems = catalogue::missing_words(pack);
    for (const catalogue::Service& service : pack.services) {
        const auto certificate = documents::parse_certificate_template(service.files.find("certificate")->second, service.id + "/certificate");
        if (!certificate) {
            problems.push_back(certificate.error().message);
            continue;
        }
        for (const std::string& source : documents::sources_of(*certificate)) {
            for (const std::string& language : certificate->languages) {
                const auto words = pack.words.find(language);
                if (words != pack.words.end() && !words->second.has(source)) {
                    problems.push_back(format("po/{}.po: no translation of \"{}\"", language, source));
                }
            }
        }
    }
    return problems;
}

Result<int> validate(const Context& context, const Arguments& arguments) {
    TRY(const catalogue::Pack pack, catalogue::load_pack(arguments.one("folder")));
    const auto problems = problems_of(pack);
    if (context.json) {
        json::array list;
        for (const std::string& problem : problems) list.emplace_back(problem);
        context.print(json::value{{"pack", pack.id}, {"version", pack.version}, {"services", pack.services.size()}, {"problems", std::move(list)}});
    } else {
        for (const std::string& problem : problems) context.print(problem);
        context.print(format("{} {}: {} services, {} bodies, {} problems", pack.id, pack.version, pack.services.size(),
                             pack.government.bodies().size(), problems.size()));
    }
    return problems.empty() ? kOk : kCheckFailed;
}

}  // namespace

std::vector<Command> pack_commands() {
    return {{"pack validate", "checks every file of a pack", "madang pack validate packs/by",
             {{"folder", Argument::Kind::positional, true, "the pack's folder"}}, validate}};
}

}  // namespace madang::cli
