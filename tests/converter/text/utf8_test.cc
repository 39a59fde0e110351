#include "converter/text/utf8.h"

#include <catch2/catch_test_macros.hpp>

namespace dinghy::converter {

TEST_CASE("Each byte that is no UTF-8 becomes one mark, and the text stays", "[text]") {
  CHECK(as_utf8("caf\xc3\xa9 \xe2\x82\xac") == "caf\xc3\xa9 \xe2\x82\xac");
  CHECK(as_utf8("caf\xe9.pth") == "caf\xef\xbf\xbd.pth");
  CHECK(as_utf8("\xe2\x82") == "\xef\xbf\xbd\xef\xbf\xbd");
  CHECK(is_utf8(as_utf8("\xff\xfe\x80")));
}

}  // namespace dinghy::converter
