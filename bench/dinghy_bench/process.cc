#include "bench/dinghy_bench/process.h"

#include <sys/resource.h>

#include <cstdio>

namespace dinghy::bench {

Memory memory() {
  Memory memory;
  std::FILE* const status = std::fopen("/proc/self/status", "r");
  if (status == nullptr) return memory;
  char line[256];
  while (std::fgets(line, sizeof line, status) != nullptr) {
    long long kilobytes = 0;
    if (std::sscanf(line, "RssAnon: %lld kB", &kilobytes) == 1) memory.anonymous = kilobytes * 1024;
    if (std::sscanf(line, "RssFile: %lld kB", &kilobytes) == 1) memory.file = kilobytes * 1024;
  }
  std::fclose(status);
  return memory;
}

Faults faults() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return {usage.ru_minflt, usage.ru_majflt};
}

}  // namespace dinghy::bench
