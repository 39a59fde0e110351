// The processor's floating-point settings, for the length of a scope.
#pragma once

#include <cstdint>
#if !defined(__x86_64__) && !defined(__i386__) && !defined(__aarch64__) && !defined(__ARM_FP) && !defined(__wasm__)
#include <cfenv>
#endif

namespace dinghy::kernels {

/// Inside the scope the settings are the engine's, whatever the caller's are: round to nearest, no exception ends the
/// process, denormals are zeros. Behind it they are the caller's again, his flags included. Every call that computes
/// begins with one, opening a model too: a score must not depend on the thread that asks for it, and the kernels rely
/// on the rounding (their integers would overflow by another).
///
/// Why zeros: arithmetic on denormals takes a hundred cycles and more on many processors, and a table or a weight full
/// of them must not slow a request down. They are below 1.2e-38; taking them for zeros changes no score.
class [[nodiscard]] FloatEnvironment {
 public:
  FloatEnvironment(const FloatEnvironment&) = delete;
  FloatEnvironment& operator=(const FloatEnvironment&) = delete;

  // "memory": no number may be computed before the settings change, or after they have changed back.
#if defined(__x86_64__) || defined(__i386__)
  FloatEnvironment() noexcept {
    save_x87();
    if (!has_mxcsr()) return;
    asm volatile("stmxcsr %0" : "=m"(mxcsr_) : : "memory");
    set_mxcsr(0x9fc0);
  }
  ~FloatEnvironment() {
    if (has_mxcsr()) set_mxcsr(mxcsr_);
    restore_x87();
  }

 private:
  static void set_mxcsr(std::uint32_t value) noexcept { asm volatile("ldmxcsr %0" : : "m"(value) : "memory"); }

  std::uint32_t mxcsr_ = 0;
#if defined(__x86_64__)
  static constexpr bool has_mxcsr() noexcept { return true; }
  void save_x87() noexcept {}  // nothing is computed with x87 here
  void restore_x87() noexcept {}
#else
// In 32 bits the kernels compute by SSE, and what is not a kernel by x87. The registers hold nothing across a call.
#define DINGHY_X87_REGISTERS "st", "st(1)", "st(2)", "st(3)", "st(4)", "st(5)", "st(6)", "st(7)"
  static bool has_mxcsr() noexcept { return __builtin_cpu_supports("sse"); }
  void save_x87() noexcept { asm volatile("fnstenv %0\n\tfninit" : "=m"(x87_) : : "memory", DINGHY_X87_REGISTERS); }
  void restore_x87() noexcept { asm volatile("fldenv %0" : : "m"(x87_) : "memory", DINGHY_X87_REGISTERS); }
#undef DINGHY_X87_REGISTERS

  unsigned char x87_[28] = {};
#endif
#elif defined(__aarch64__)
  FloatEnvironment() noexcept {
    asm volatile("mrs %0, fpcr" : "=r"(control_) : : "memory");
    asm volatile("mrs %0, fpsr" : "=r"(status_) : : "memory");
    asm volatile("msr fpcr, %0" : : "r"(std::uint64_t{1} << 24) : "memory");  // FZ, and zero is all else
  }
  ~FloatEnvironment() {
    asm volatile("msr fpcr, %0" : : "r"(control_) : "memory");
    asm volatile("msr fpsr, %0" : : "r"(status_) : "memory");
  }

 private:
  std::uint64_t control_ = 0, status_ = 0;
#elif defined(__ARM_FP)
  FloatEnvironment() noexcept {
    asm volatile("vmrs %0, fpscr" : "=r"(status_) : : "memory");
    asm volatile("vmsr fpscr, %0" : : "r"(std::uint32_t{1} << 24) : "memory");  // FZ, as NEON always does
  }
  ~FloatEnvironment() { asm volatile("vmsr fpscr, %0" : : "r"(status_) : "memory"); }

 private:
  std::uint32_t status_ = 0;
#elif defined(__wasm__)
  FloatEnvironment() noexcept {}  // there are no settings: it rounds to nearest, and nothing traps
  ~FloatEnvironment() {}
#else  // `reference` alone runs here, and has time for denormals
  FloatEnvironment() noexcept {
    std::fegetenv(&saved_);
    std::fesetenv(FE_DFL_ENV);
  }
  ~FloatEnvironment() { std::fesetenv(&saved_); }

 private:
  std::fenv_t saved_;
#endif
};

}  // namespace dinghy::kernels
