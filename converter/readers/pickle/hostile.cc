#include "converter/readers/pickle/hostile.h"

#include <algorithm>
#include <array>

#include "converter/error.h"
#include "converter/text/quotes.h"

namespace dinghy::converter {
namespace {

constexpr std::array<std::string_view, 10> kHostileModules{"os",  "posix",  "nt",       "subprocess", "sys",
                                                           "pty", "socket", "commands", "runpy",      "shutil"};
constexpr std::array<std::string_view, 4> kHostileBuiltins{"eval", "exec", "compile", "__import__"};

}  // namespace

void refuse_hostile(const Pickle& pickle, const std::string& where, std::string_view harmless) {
  for (const PickleNode& node : pickle.nodes()) {
    if (node.kind != PickleKind::global) continue;
    const bool builtin = node.module == "builtins" || node.module == "__builtin__";
    if (builtin && node.text == harmless) continue;
    const std::string_view package = node.module.substr(0, node.module.find('.'));
    if (std::ranges::count(kHostileModules, package) || (builtin && std::ranges::count(kHostileBuiltins, node.text))) {
      throw Error(where, "the pickle asks to call " + in_quotes(pickle.name_of(node)) +
                             ", which no checkpoint needs: do not load this file, here or in Python; nothing was run");
    }
  }
}

}  // namespace dinghy::converter
