#include "converter/requests/score_line.h"

#include <span>

#include "converter/text/number_text.h"

namespace dinghy::converter {
namespace {

void append_list(std::string& text, std::span<const float> numbers) {
  text += '[';
  for (std::size_t i = 0; i < numbers.size(); ++i) {
    if (i) text += ", ";
    append_number(text, numbers[i]);
  }
  text += ']';
}

void append_matrix(std::string& text, std::span<const float> numbers, std::size_t rows) {
  const std::size_t width = rows ? numbers.size() / rows : 0;
  text += '[';
  for (std::size_t row = 0; row < rows; ++row) {
    if (row) text += ", ";
    append_list(text, numbers.subspan(row * width, width));
  }
  text += ']';
}

}  // namespace

std::string score_line(const RequestScores& scores, bool with_attention) {
  std::string text = "{\"scores\": ";
  append_list(text, scores.scores);
  if (with_attention) {
    const bool several = scores.attention.size() != 1;
    text += several ? ", \"attention\": [" : ", \"attention\": ";
    for (std::size_t i = 0; i < scores.attention.size(); ++i) {
      if (i) text += ", ";
      append_matrix(text, scores.attention[i], scores.scores.size());
    }
    if (several) text += ']';
  }
  return text + "}\n";
}

}  // namespace dinghy::converter
