#include "converter/model_file/row_encoder.h"

#include <catch2/catch_test_macros.hpp>
#include <cmath>
#include <cstring>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "converter/table_form.h"

namespace dinghy::converter {
namespace {

using format::RowForm;

std::vector<std::byte> bytes_of_hex(const std::string& hex) {
  std::vector<std::byte> bytes;
  for (std::size_t i = 0; i < hex.size(); i += 2) {
    bytes.push_back(static_cast<std::byte>(std::stoi(hex.substr(i, 2), nullptr, 16)));
  }
  return bytes;
}

std::vector<std::byte> encoded(RowForm form, const std::vector<float>& numbers) {
  std::vector<std::byte> row(format::row_bytes(form, numbers.size()));
  encode_row(form, numbers, row.data());
  return row;
}

}  // namespace

TEST_CASE("Rows of i8, i8h and i4 are those of FBGEMM, bit for bit", "[model_file]") {
  std::ifstream file(DINGHY_SOURCE_DIR "/tests/golden/fbgemm_rows.txt");
  std::size_t count = 0;
  for (std::string line; std::getline(file, line); ++count) {
    std::istringstream words(line);
    std::string form, numbers_hex, row_hex;
    words >> form >> numbers_hex >> row_hex;
    const std::vector<std::byte> numbers_bytes = bytes_of_hex(numbers_hex);
    std::vector<float> numbers(numbers_bytes.size() / sizeof(float));
    std::memcpy(numbers.data(), numbers_bytes.data(), numbers_bytes.size());
    CAPTURE(form, numbers);
    CHECK(encoded(form_of_word(form).value(), numbers) == bytes_of_hex(row_hex));
  }
  CHECK(count > 190);
}

TEST_CASE("A half is the nearest one, ties to even, and comes back as itself", "[model_file]") {
  for (std::uint32_t half = 0; half < 0x7c00; ++half) {
    const auto bits = static_cast<std::uint16_t>(half);
    const float x = format::half_to_float(bits), next = format::half_to_float(static_cast<std::uint16_t>(half + 1));
    REQUIRE(float_to_half(x) == bits);
    REQUIRE(float_to_half(-x) == (bits | 0x8000));
    if (half == 0x7bff) break;
    const float middle = (x + next) / 2;
    REQUIRE(float_to_half(middle) == (half % 2 == 0 ? bits : bits + 1));
    REQUIRE(float_to_half(std::nextafterf(middle, 0)) == bits);
    REQUIRE(float_to_half(std::nextafterf(middle, next)) == bits + 1);
  }
  CHECK(float_to_half(65519) == 0x7bff);
  CHECK(float_to_half(65520) == 0x7c00);
  CHECK(float_to_half(1e-8f) == 0);
}

TEST_CASE("An i4 row of odd width keeps its last number in the low half of the last byte", "[model_file]") {
  const std::vector<float> numbers = {0, 1, 15};
  const std::vector<std::byte> row = encoded(RowForm::i4, numbers);
  CHECK(row.size() == 6);
  CHECK(row[0] == std::byte{0x10});
  CHECK(row[1] == std::byte{0x0f});
  std::vector<float> back(3);
  format::decode_row(RowForm::i4, row.data(), 3, back.data());
  CHECK(back == numbers);
}

}  // namespace dinghy::converter
