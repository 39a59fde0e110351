// What an x86 processor and its operating system can run.
#pragma once

#if defined(__x86_64__) || defined(__i386__)
#include <cpuid.h>

namespace dinghy::kernels {

/// Asks the processor (CPUID) and, for registers that a task switch has to save, the operating system (XCR0). Not
/// __builtin_cpu_supports: some runtimes that come with a compiler (zig's for Windows) answer it with no for
/// everything.
class X86Features {
 public:
  X86Features() noexcept {
    unsigned a = 0, b = 0;
    if (__get_cpuid(1, &a, &b, &basic_, &d_) == 0) return;
    if (bit(basic_, 27)) saved_ = saved_registers();
    if (__get_cpuid_count(7, 0, &a, &extended_, &more_, &d_) != 0 && a >= 1)
      __get_cpuid_count(7, 1, &newer_, &b, &c_, &d_);
  }

  bool sse4_2() const noexcept { return bit(basic_, 20); }
  bool avx2_fma() const noexcept {
    return (saved_ & 0x6) == 0x6 && bit(basic_, 28) && bit(basic_, 12) && bit(basic_, 29) && bit(extended_, 5);
  }
  bool avx2_vnni() const noexcept { return avx2_fma() && bit(newer_, 4); }
  /// F, DQ, CD, BW and VL.
  bool avx512() const noexcept {
    constexpr unsigned kAll = 1u << 16 | 1u << 17 | 1u << 28 | 1u << 30 | 1u << 31;
    return avx2_fma() && (saved_ & 0xe0) == 0xe0 && (extended_ & kAll) == kAll;
  }
  bool avx512_vnni() const noexcept { return avx512() && bit(more_, 11); }

 private:
  static bool bit(unsigned word, unsigned number) noexcept { return (word >> number & 1) != 0; }

  /// XCR0: bits 1 and 2 are the registers of SSE and AVX, 5 to 7 those of AVX-512.
  static unsigned saved_registers() noexcept {
    unsigned low = 0, high = 0;
    asm volatile("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
    return low;
  }

  unsigned basic_ = 0, extended_ = 0, more_ = 0, newer_ = 0, saved_ = 0;  // leaf 1 ECX; leaf 7 EBX, ECX; 7.1 EAX; XCR0
  unsigned c_ = 0, d_ = 0;                                                // not looked at
};

}  // namespace dinghy::kernels
#endif
