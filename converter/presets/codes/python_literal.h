// What Python's str() makes of lists, tuples, dicts, texts and numbers, as JSON.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace dinghy::converter {

/// "[('item', 'category')]" gives [["item","category"]]. nullopt for a text in quotes that does not end or has an
/// escape other than \\, \' and \", and for words other than None, True and False; whether the result is JSON is for
/// its parser to say.
std::optional<std::string> json_of_python(std::string_view text);

}  // namespace dinghy::converter
