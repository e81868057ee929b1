#include "cli/completion.h"

#include <algorithm>

#include "base/text.h"

namespace madang::cli {
namespace {

std::string words_of(const CompletionNode& node) {
    std::vector<std::string> words = node.children;
    for (const auto& option : node.options) words.push_back(option.name);
    return join(words, " ");
}

// Inside single quotes of bash, zsh and fish.
std::string shell_quoted(std::string_view text) {
    std::string out = "'";
    for (const char c : text) out += c == '\'' ? std::string("'\\''") : std::string(1, c);
    return out + "'";
}

// The longest run of command words before the cursor names the node; options and values are skipped.
std::string bash_script(const std::vector<CompletionNode>& nodes) {
    std::string script =
        "# Completion of madang for bash: source <(madang completion bash)\n"
        "_madang() {\n"
        "    local word path='' i\n"
        "    for ((i = 1; i < COMP_CWORD; i++)); do\n"
        "        word=${COMP_WORDS[i]}\n"
        "        case \"${path:+$path }$word\" in\n";
    for (const auto& node : nodes) {
        if (!node.path.empty()) script += format("            {}) path=\"{}\" ;;\n", shell_quoted(node.path), node.path);
    }
    script += "        esac\n    done\n    case $path in\n";
    for (const auto& node : nodes) {
        script += format("        {}) COMPREPLY=($(compgen -W {} -- \"${{COMP_WORDS[COMP_CWORD]}}\")) ;;\n",
                         shell_quoted(node.path), shell_quoted(words_of(node)));
    }
    script +=
        "    esac\n"
        "    [ ${#COMPREPLY[@]} = 0 ] && COMPREPLY=($(compgen -f -- \"${COMP_WORDS[COMP_CWORD]}\"))\n"
        "}\n"
        "complete -o filenames -F _madang madang\n";
    return script;
}

std::string zsh_script(const std::vector<CompletionNode>& nodes) {
    return "#compdef madang\n# Completion of madang for zsh: source <(madang completion zsh)\n"
           "autoload -U +X bashcompinit && bashcompinit\n" +
           bash_script(nodes);
}

std::string fish_script(const std::vector<CompletionNode>& nodes) {
    std::string script = "# Completion of madang for fish: madang completion fish | source\n";
    for (const auto& node : nodes) {
        // The node is reached when all of its words were typed.
        std::string condition;
        for (const auto word : split(node.path, ' ')) {
            if (!word.empty()) condition += format("__fish_seen_subcommand_from {}; and ", word);
        }
        std::string children = join(node.children, " ");
        condition += children.empty() ? "true" : format("not __fish_seen_subcommand_from {}", children);
        for (const auto& child : node.children) {
            const std::string path = node.path.empty() ? child : node.path + " " + child;
            const auto found = std::ranges::find(nodes, path, &CompletionNode::path);
            script += format("complete -c madang -f -n {} -a {} -d {}\n", shell_quoted(condition), child,
                             shell_quoted(found == nodes.end() ? std::string() : found->description));
        }
        for (const auto& option : node.options) {
            if (!option.name.starts_with("--")) continue;
            script += format("complete -c madang -n {} -l {} -d {}\n", shell_quoted(condition), option.name.substr(2),
                             shell_quoted(option.description));
        }
    }
    return script;
}

}  // namespace

Result<std::string> completion_script(std::string_view shell, const std::vector<CompletionNode>& nodes) {
    if (shell == "bash") return bash_script(nodes);
    if (shell == "zsh") return zsh_script(nodes);
    if (shell == "fish") return fish_script(nodes);
    return fail(Code::invalid, format("there is completion for bash, zsh and fish, not for \"{}\"", shell));
}

}  // namespace madang::cli
