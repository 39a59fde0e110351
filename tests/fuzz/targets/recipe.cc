// Any text as a recipe.
#include "converter/recipe/recipe.h"
#include "converter/error.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  try {
    (void)dinghy::converter::parse_recipe({reinterpret_cast<const char*>(data), size}, "recipe.toml");
  } catch (const dinghy::converter::Error&) {
  }
  return 0;
}
