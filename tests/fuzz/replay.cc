// Runs a fuzz target without a fuzzer: the inputs of some folders, then inputs made from those. They are the same in
// each run, whatever the machine, the compiler and the code under test: a test has to say the same thing every time.
// New inputs are ./fuzz's business.
//
// usage: replay_TARGET COUNT[:FIRST] FOLDER...   COUNT inputs made, behind those of the folders, from number FIRST on
#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "tests/engine/random_numbers.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size);
extern "C" [[gnu::weak]] void __sanitizer_set_death_callback(void (*callback)());

namespace dinghy::fuzz {
namespace {

using Input = std::vector<std::uint8_t>;
using tests::Random;

constexpr std::size_t kLongest = 1 << 20;
constexpr unsigned kSeconds = 60;  // for one input, under sanitizers and emulators

Input current;

/// Keeps the input that ends the process. Called in a signal handler: what it does is not safe there, and all that is
/// left to do.
void keep_input() {
  const std::string path = "finding-" + std::to_string(::getpid());
  std::ofstream(path, std::ios::binary)
      .write(reinterpret_cast<const char*>(current.data()), static_cast<std::streamsize>(current.size()));
  std::fprintf(stderr, "the input is in %s/%s\n", std::filesystem::current_path().c_str(), path.c_str());
}

void on_signal(int signal) {
  std::fprintf(stderr, signal == SIGALRM ? "an input takes more than a minute\n" : "signal %d\n", signal);
  keep_input();
  ::_exit(1);
}

void watch() {
  ::signal(SIGALRM, on_signal);
  ::signal(SIGABRT, on_signal);
  if (__sanitizer_set_death_callback != nullptr) {
    __sanitizer_set_death_callback(keep_input);
    return;
  }
  for (const int signal : {SIGSEGV, SIGBUS, SIGFPE, SIGILL}) ::signal(signal, on_signal);
}

void run(Input input) {
  current = std::move(input);
  ::alarm(kSeconds);
  LLVMFuzzerTestOneInput(current.data(), current.size());
}

std::vector<Input> read_folders(int count, char** folders) {
  std::vector<Input> inputs;
  for (int i = 0; i < count; ++i) {
    if (!std::filesystem::exists(folders[i])) continue;
    std::vector<std::filesystem::path> files;
    for (const auto& entry : std::filesystem::directory_iterator(folders[i])) files.push_back(entry.path());
    std::sort(files.begin(), files.end());
    for (const auto& file : files) {
      std::ifstream in(file, std::ios::binary);
      inputs.emplace_back(std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>());
    }
  }
  return inputs;
}

/// One change of the kinds that fuzzers make.
void change(Input& input, const std::vector<Input>& others, Random& random) {
  constexpr std::uint8_t kOdd[] = {0x00, 0x01, 0x7f, 0x80, 0xff};
  const std::size_t at = input.empty() ? 0 : random.below(input.size());
  const std::size_t length = std::min<std::size_t>(1 + random.below(8), input.size() - at);
  const auto begin = input.begin() + static_cast<std::ptrdiff_t>(at), end = begin + static_cast<std::ptrdiff_t>(length);
  switch (random.below(input.empty() ? 2 : 7)) {
    case 0: {  // bytes more
      const Input more(1 + random.below(8), static_cast<std::uint8_t>(random.bits()));
      input.insert(begin, more.begin(), more.end());
      return;
    }
    case 1: {  // a piece of another input, in place of the rest
      const Input& other = others[random.below(others.size())];
      const std::size_t from = other.empty() ? 0 : random.below(other.size());
      input.resize(at);
      input.insert(input.end(), other.begin() + static_cast<std::ptrdiff_t>(from), other.end());
      return;
    }
    case 2:
      input[at] ^= static_cast<std::uint8_t>(1u << random.below(8));
      return;
    case 3:
      input[at] = static_cast<std::uint8_t>(random.bits());
      return;
    case 4:
      std::fill(begin, end, kOdd[random.below(std::size(kOdd))]);
      return;
    case 5:
      input.erase(begin, end);
      return;
    default:
      for (auto byte = begin; byte != end; ++byte) *byte = input[random.below(input.size())];
  }
}

/// Every fourth is of random bytes alone: all choices of a target that draws from them are free then.
Input made(const std::vector<Input>& inputs, std::uint64_t number) {
  Random random(number);
  if (number % 4 == 0) {
    Input bytes(1 + random.below(400));
    for (std::uint8_t& byte : bytes) byte = static_cast<std::uint8_t>(random.bits());
    return bytes;
  }
  Input input = inputs[random.below(inputs.size())];
  for (std::uint64_t changes = 1 + random.below(8); changes > 0; --changes) change(input, inputs, random);
  if (input.size() > kLongest) input.resize(kLongest);
  return input;
}

int replay(std::uint64_t count, std::uint64_t first, const std::vector<Input>& inputs) {
  if (inputs.empty()) return std::fprintf(stderr, "no inputs in the folders\n"), 2;
  watch();
  for (const Input& input : inputs) run(input);
  for (std::uint64_t number = first + 1; number <= first + count; ++number) run(made(inputs, number));
  ::alarm(0);
  std::printf("%zu inputs of the folders, %llu made from them\n", inputs.size(),
              static_cast<unsigned long long>(count));
  return 0;
}

}  // namespace
}  // namespace dinghy::fuzz

int main(int count, char** arguments) {
  if (count < 3) return std::fprintf(stderr, "usage: %s COUNT[:FIRST] FOLDER...\n", arguments[0]), 2;
  char* end = nullptr;
  const std::uint64_t made = std::strtoull(arguments[1], &end, 10);
  const std::uint64_t first = *end == ':' ? std::strtoull(end + 1, nullptr, 10) : 0;
  return dinghy::fuzz::replay(made, first, dinghy::fuzz::read_folders(count - 2, arguments + 2));
}
