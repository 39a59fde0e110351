// A disk that fails when a test wants it to. The file behind this header replaces, in the whole test program, the C
// library's open, write, fsync, linkat and rename by ones that take notes, fail on request, and else do what they
// always do.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace dinghy::converter {

/// Lets the `n`-th of these calls but open() from now fail with `error`, once; 0 takes that back.
void fail_file_call(std::size_t n, int error);

/// Whether open() makes files without a name, which not every file system has.
void have_nameless_files(bool have);

/// What was called since start_notes(): "write FILE", "fsync FILE", "link TO" and "rename TO", FILE without its folder;
/// a file without a name is "-".
void start_notes();
std::vector<std::string> notes();

}  // namespace dinghy::converter
