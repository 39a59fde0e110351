// What files of each code leave open: the keys that a recipe has to say, or may have to, all at once.
#pragma once

#include <span>
#include <string>

namespace dinghy::converter {

struct OpenSetting {
  const char* section;
  const char* key;
  const char* example;  // a value, as a recipe writes it
};

/// Those of a preset, in the order of their sections.
std::span<const OpenSetting> open_settings(const std::string& preset);

/// "[inputs] history, order, [attention] softmax"; "" for none.
std::string open_settings_text(const std::string& preset);

}  // namespace dinghy::converter
