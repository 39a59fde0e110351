// What the programs of this folder share: the request, out of their arguments, and the report of the first score.
//
// A program is started as PROGRAM MODEL NAME=ID,ID… NAME=ID,ID… and scores that request once. It prints one line of
// JSON: `main` is when main() began, in nanoseconds of the monotonic clock, which the parent has too; `steps` are
// microseconds, in order; the faults are those of the process since exec; `read` are bytes through read(), `disk` bytes
// that came from the disk for this process, mapped files included.
#pragma once

#include <sys/resource.h>

#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace dinghy::bench {

/// Ids of one input; Id is what the engine takes.
template <class Id>
struct Input {
  std::string name;
  std::vector<Id> ids;
};

/// Throws std::runtime_error for what is not NAME=ID,ID….
template <class Id>
Input<Id> read_input(const std::string& argument) {
  const std::size_t equals = argument.find('=');
  Input<Id> input{argument.substr(0, equals), {}};
  const char* at = equals == std::string::npos ? "," : argument.c_str() + equals;
  do {
    char* end = nullptr;
    input.ids.push_back(static_cast<Id>(std::strtoll(at + 1, &end, 10)));
    if (end == at + 1 || (*end != ',' && *end != '\0')) {
      throw std::runtime_error(argument + ": is not NAME=ID,ID...");
    }
    at = end;
  } while (*at == ',');
  return input;
}

template <class Id>
std::vector<Input<Id>> read_inputs(char** begin, char** end) {
  std::vector<Input<Id>> inputs;
  for (char** argument = begin; argument != end; ++argument) inputs.push_back(read_input<Id>(*argument));
  return inputs;
}

/// The ids of the input of this name; throws std::runtime_error when there is none.
template <class Id>
std::vector<Id>& ids_of(std::vector<Input<Id>>& inputs, std::string_view name) {
  for (Input<Id>& input : inputs) {
    if (input.name == name) return input.ids;
  }
  throw std::runtime_error(std::string(name) + ": is not among the inputs");
}

/// Takes the time of steps that follow each other, from its construction on.
class Steps {
 public:
  void done(const char* step) {
    const auto now = Clock::now();
    steps_.emplace_back(step, now - last_);
    last_ = now;
  }

  void report(std::span<const float> scores) const {
    rusage usage{};
    getrusage(RUSAGE_SELF, &usage);
    std::printf("{\"main\": %lld, \"steps\": {", nanoseconds(begin_.time_since_epoch()));
    const char* comma = "";
    for (const auto& [step, time] : steps_) {
      std::printf("%s\"%s\": %.1f", comma, step, static_cast<double>(nanoseconds(time)) / 1000);
      comma = ", ";
    }
    std::printf("}, \"minor\": %ld, \"major\": %ld, \"read\": %lld, \"disk\": %lld, \"scores\": [", usage.ru_minflt,
                usage.ru_majflt, bytes("rchar: %lld"), bytes("read_bytes: %lld"));
    comma = "";
    for (const float score : scores) {
      std::printf("%s%.9g", comma, static_cast<double>(score));
      comma = ", ";
    }
    std::printf("]}\n");
  }

 private:
  using Clock = std::chrono::steady_clock;

  static long long nanoseconds(Clock::duration time) { return std::chrono::nanoseconds(time).count(); }

  /// A line of /proc/self/io; -1 where the system does not count.
  static long long bytes(const char* line_format) {
    std::FILE* const file = std::fopen("/proc/self/io", "r");
    if (file == nullptr) return -1;
    char line[128];
    long long count = -1;
    while (std::fgets(line, sizeof line, file) != nullptr && std::sscanf(line, line_format, &count) != 1) {
    }
    std::fclose(file);
    return count;
  }

  const Clock::time_point begin_ = Clock::now();
  Clock::time_point last_ = begin_;
  std::vector<std::pair<const char*, Clock::duration>> steps_;
};

/// What a program's main() does: run(steps), whose errors it prints; the exit status.
template <class Run>
int report_first_score(const char* program, Run run) {
  Steps steps;
  try {
    run(steps);
    return 0;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "%s: %s\n", program, error.what());
    return 1;
  }
}

}  // namespace dinghy::bench
