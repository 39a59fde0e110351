#include "tests/converter/readers/damage/outcomes.h"

#include <catch2/catch_test_macros.hpp>
#include <cstdlib>
#include <fstream>
#include <sstream>

#include "converter/error.h"

namespace dinghy::converter::test {
namespace {

void add(std::ostream& text, const Tensor& tensor) {
  text << tensor.name << ' ' << name_of(tensor.dtype) << ' ' << tensor.shape_text() << ':';
  for (const double value : tensor.values()) text << ' ' << value;
  text << '\n';
}

bool is_digit(char c) { return c >= '0' && c <= '9'; }

/// A message without the place, names and numbers of one damage.
std::string kind_of(std::string message, const std::string& folder) {
  for (const std::string& place : {folder, folder.substr(0, folder.size() - 1)}) {
    for (std::size_t at = 0; (at = message.find(place)) != std::string::npos;) message.erase(at, place.size());
  }
  for (const std::string_view end : {"complete zip archive", "cannot be opened", "no known format"}) {
    const std::size_t at = message.find(end);
    if (at != std::string::npos) message.resize(at + end.size());  // the rest is the system's, libzip's, or the bytes
  }
  if (message.ends_with("cannot be opened")) return "…: cannot be opened";  // whatever the name
  std::string kind;
  for (std::size_t i = 0; i < message.size(); ++i) {
    if (message[i] == '"') {
      while (++i < message.size() && message[i] != '"') i += message[i] == '\\' ? 1 : 0;
      kind += "\"…\"";
    } else if (is_digit(message[i])) {
      while (i + 1 < message.size() && is_digit(message[i + 1])) ++i;
      kind += '#';
    } else {
      kind += message[i];
    }
  }
  return kind;
}

}  // namespace

std::string text_of(const Checkpoint& checkpoint) {
  std::ostringstream text;
  text << checkpoint.format << '\n';
  for (const Tensor& tensor : checkpoint.tensors) add(text, tensor);
  for (const Tensor& tensor : checkpoint.constants) add(text, tensor);
  for (const auto& [path, value] : checkpoint.facts) text << path << " = " << value << '\n';
  for (const Document& document : checkpoint.documents) text << document.name << ": " << document.text << '\n';
  for (const auto& [name, reason] : checkpoint.left_out) text << name << ", " << reason << '\n';
  return text.str();
}

void Outcomes::count(const std::function<std::string()>& read) {
  std::string outcome;
  try {
    outcome = read() == sound_ ? "(read, as undamaged)" : "(read, as something else)";
  } catch (const Error& error) {
    outcome = kind_of(error.what(), folder_);
  }
  ++counts_[outcome];
}

void Outcomes::check(const std::string& name) const {
  std::ostringstream list;
  for (const auto& [outcome, count] : counts_) list << count << '\t' << outcome << '\n';
  const std::string path = DINGHY_SOURCE_DIR "/tests/converter/readers/damage/outcomes/" + name + ".txt";
  if (std::getenv("DINGHY_WRITE_OUTCOMES")) std::ofstream(path) << list.str();
  std::ostringstream expected;
  expected << std::ifstream(path).rdbuf();
  INFO("with DINGHY_WRITE_OUTCOMES=1 in the environment this test writes " << path);
  CHECK(list.str() == expected.str());
}

void for_each_damage(std::string_view bytes, std::size_t begin, std::size_t end,
                     const std::function<void(const std::string&)>& use) {
  for (std::size_t length = begin; length < end; ++length) use(std::string(bytes.substr(0, length)));
  for (std::size_t at = begin; at < end; ++at) {
    std::string damaged(bytes);
    const char old = damaged[at];
    for (const int byte :
         {0, 1, 0x7f, 0x80, 0xd8, 0xff, old + 1, old - 1, int{'9'}, int{'-'}, int{'"'}, int{'['}, int{'{'}}) {
      damaged[at] = static_cast<char>(byte);
      if (damaged[at] != old) use(damaged);
    }
    use(std::string(bytes).erase(at, 1));
  }
}

}  // namespace dinghy::converter::test
