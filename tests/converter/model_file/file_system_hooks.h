// A disk that fails when a test wants it to. The file behind this header replaces, in the whole test program, the C
// library's write, fsync and rename by ones that take notes, fail on request, and else do what they always do.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace dinghy::converter {

/// Lets the `n`-th of these calls from now fail with `error`, once; 0 takes that back.
void fail_file_call(std::size_t n, int error);

/// What was called since start_notes(): "write FILE", "fsync FILE" and "rename TO", FILE without its folder.
void start_notes();
std::vector<std::string> notes();

}  // namespace dinghy::converter
