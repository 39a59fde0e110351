// A promise of calls that compilers check.
#pragma once

/// Behind the parameters of a call that neither allocates, nor locks, nor makes a system call. Clang checks it: at
/// compile time with -Wfunction-effects in code that asks the same of itself, at run time with -fsanitize=realtime.
#if __has_cpp_attribute(clang::nonblocking)
#define DINGHY_NONBLOCKING [[clang::nonblocking]]
#else
#define DINGHY_NONBLOCKING
#endif
