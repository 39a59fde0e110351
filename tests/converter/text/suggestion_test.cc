// What is offered for a name that does not exist.
#include "converter/text/suggestion.h"

#include <catch2/catch_test_macros.hpp>
#include <vector>

namespace dinghy::converter {

TEST_CASE("The nearest known name is offered", "[text]") {
  const std::vector<std::string> known = {"item_id", "item_ids", "category"};
  CHECK(did_you_mean("item_idd", known) == " (did you mean \"item_id\"?)");
  CHECK(did_you_mean("categorie", known) == " (did you mean \"category\"?)");
  CHECK(did_you_mean("itemid", known) == " (did you mean \"item_id\"?)");
}

TEST_CASE("Nothing is offered for a name that is far from all", "[text]") {
  const std::vector<std::string> known = {"item_id", "a"};
  CHECK(did_you_mean("price", known).empty());
  CHECK(did_you_mean("b", known).empty());
  CHECK(did_you_mean("price", {}).empty());
  CHECK(did_you_mean(std::string(10000, 'x'), known).empty());
}

TEST_CASE("Names are listed in order", "[text]") {
  CHECK(listed(std::vector<std::string>{"user", "item"}) == "user, item");
  CHECK(listed({}) == "(none)");
}

}  // namespace dinghy::converter
