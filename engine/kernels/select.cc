#include "engine/kernels/select.h"

#include <atomic>
#include <cstdlib>
#include <iterator>
#if (defined(__aarch64__) || defined(__arm__)) && defined(__linux__)
#include <asm/hwcap.h>
#include <sys/auxv.h>
#elif defined(__aarch64__) && defined(__APPLE__)
#include <sys/sysctl.h>
#endif

#include "engine/kernels/isa/tables.h"
#include "engine/kernels/x86_features.h"
#include "engine/left_out.h"

namespace dinghy {
namespace kernels {
namespace {

#if defined(__x86_64__) || defined(__i386__)
using Processor = X86Features;
[[maybe_unused]] bool has_sse4_2(const Processor& processor) noexcept { return processor.sse4_2(); }
[[maybe_unused]] bool has_avx2_fma(const Processor& processor) noexcept { return processor.avx2_fma(); }
[[maybe_unused]] bool has_avx2_vnni(const Processor& processor) noexcept { return processor.avx2_vnni(); }
[[maybe_unused]] bool has_avx512(const Processor& processor) noexcept { return processor.avx512(); }
[[maybe_unused]] bool has_avx512_vnni(const Processor& processor) noexcept { return processor.avx512_vnni(); }
#else
struct Processor {};  // the system is asked
#endif
// NEON is a part of AArch64; a module of WebAssembly with SIMD is refused as a whole where there is none.
[[maybe_unused]] bool always(const Processor&) noexcept { return true; }
#if defined(__arm__)
[[maybe_unused]] bool has_neon32(const Processor&) noexcept {
#if defined(__linux__)
  return (getauxval(AT_HWCAP) & HWCAP_NEON) != 0;
#else
  return false;
#endif
}
#endif
#if defined(__aarch64__) && defined(DINGHY_HAS_NEON64_DOTPROD)
[[maybe_unused]] bool has_neon64_dotprod(const Processor&) noexcept {
#if defined(__linux__)
  return (getauxval(AT_HWCAP) & HWCAP_ASIMDDP) != 0;
#elif defined(__APPLE__)
  int has = 0;
  std::size_t size = sizeof has;
  return sysctlbyname("hw.optional.arm.FEAT_DotProd", &has, &size, nullptr, 0) == 0 && has != 0;
#else
  return false;
#endif
}
#endif

using GetIntegers = const IntegerKernels& (*)() noexcept;

struct Entry {
  const char* name;
  bool (*available)(const Processor&) noexcept;
  const KernelTable& (*table)() noexcept;
  GetIntegers integers;
};

[[maybe_unused]] constexpr GetIntegers unless_left_out(GetIntegers get) noexcept {
  return kHasIntegers ? get : nullptr;
}

// The preferred one first.
constexpr Entry kEntries[] = {
#if defined(__x86_64__) || defined(__i386__)
#if defined(DINGHY_HAS_AVX512_VNNI)
    {"avx512_vnni", &has_avx512_vnni, &avx512_kernels, unless_left_out(&avx512_vnni_integers)},
#endif
#if defined(DINGHY_HAS_AVX512)
    {"avx512", &has_avx512, &avx512_kernels, unless_left_out(&avx512_integers)},
#endif
#if defined(DINGHY_HAS_AVX2_VNNI)
    {"avx2_vnni", &has_avx2_vnni, &avx2_fma_kernels, unless_left_out(&avx2_vnni_integers)},
#endif
#if defined(DINGHY_HAS_AVX2_FMA)
    {"avx2_fma", &has_avx2_fma, &avx2_fma_kernels, unless_left_out(&avx2_fma_integers)},
#endif
#if defined(DINGHY_HAS_SSE4_2)
    {"sse4_2", &has_sse4_2, &sse4_2_kernels, unless_left_out(&sse4_2_integers)},
#endif
#elif defined(__aarch64__)
#if defined(DINGHY_HAS_NEON64_DOTPROD)
    {"neon64_dotprod", &has_neon64_dotprod, &neon64_kernels, unless_left_out(&neon64_dotprod_integers)},
#endif
#if defined(DINGHY_HAS_NEON64)
    {"neon64", &always, &neon64_kernels, nullptr},
#endif
#elif defined(__arm__)
#if defined(DINGHY_HAS_NEON32)
    {"neon32", &has_neon32, &neon32_kernels, nullptr},
#endif
#elif defined(__wasm__)
#if defined(DINGHY_HAS_WASM_SIMD128)
    {"wasm_simd128", &always, &wasm_simd128_kernels, nullptr},
#endif
#endif
    {"reference", nullptr, nullptr, nullptr},
};

Selection selection_of(const Entry& entry) noexcept {
  return {entry.name, entry.table == nullptr ? nullptr : &entry.table(),
          entry.integers == nullptr ? nullptr : &entry.integers()};
}

bool available(const Entry& entry, const Processor& processor) noexcept {
  return entry.available == nullptr || entry.available(processor);
}

}  // namespace

Status select(std::string_view isa, Selection& selection) noexcept {
  const char* const asked = isa.empty() ? std::getenv("DINGHY_ISA") : nullptr;
  if (asked != nullptr) isa = asked;
  const std::span<const Isa> asked_once = isas();
  for (std::size_t i = 0; i < std::size(kEntries); ++i) {
    const Entry& entry = kEntries[i];
    if (!isa.empty() && isa != entry.name) continue;
    if (asked_once[i].available) {
      selection = selection_of(entry);
      return Status();
    }
    if (!isa.empty()) return Status::error(Code::unavailable_isa, "this machine cannot run the ISA %s", entry.name);
  }
  return Status::error(Code::unknown_isa, "there is no ISA '%.*s'%s; dinghy inspect lists those of this build",
                       static_cast<int>(isa.size() < 64 ? isa.size() : 64), isa.data(),
                       asked != nullptr ? " (from DINGHY_ISA)" : "");
}

}  // namespace kernels

std::span<const Isa> isas() noexcept {
  // No static of a function, whose guard would be one of the few things wanted from the C++ runtime. Who comes second
  // waits for a dozen instructions.
  enum State { none, being_made, made };
  static std::atomic<State> state = none;
  static Isa list[std::size(kernels::kEntries)];
  State before = none;
  if (state.compare_exchange_strong(before, being_made)) {
    const kernels::Processor processor;  // asked once: in a virtual machine each CPUID takes microseconds
    for (std::size_t i = 0; i < std::size(list); ++i) {
      list[i] = {kernels::kEntries[i].name, kernels::available(kernels::kEntries[i], processor)};
    }
    state = made;
  }
  while (state != made) {
  }
  return list;
}

}  // namespace dinghy
