#include "converter/readers/pickle/hostile.h"

#include "converter/error.h"
#include "converter/readers/pickle/python_library.h"
#include "converter/text/quotes.h"

namespace dinghy::converter {

void refuse_hostile(const Pickle& pickle, const std::string& where, std::string_view harmless) {
  for (const PickleNode& node : pickle.nodes()) {
    if (node.kind != PickleKind::global || !is_of_python_library(node.module, node.text)) continue;
    const bool builtin = node.module == "builtins" || node.module == "__builtin__";
    if (is_harmless(node.module, node.text) || (builtin && node.text == harmless)) continue;
    throw Error(where, "the pickle asks to call " + in_quotes(pickle.name_of(node)) +
                           ", which no checkpoint needs: do not load this file, here or in Python; nothing was run");
  }
}

}  // namespace dinghy::converter
