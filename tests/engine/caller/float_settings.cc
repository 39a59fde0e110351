#include "tests/engine/caller/float_settings.h"

namespace dinghy::tests {

#if defined(__x86_64__) || defined(__i386__)

FloatSettings FloatSettings::now() noexcept {
  FloatSettings settings;
  std::uint32_t mxcsr = 0;
  asm volatile("stmxcsr %0" : "=m"(mxcsr));
  settings.control = mxcsr;
#if defined(__i386__)
  std::uint16_t control = 0, status = 0;
  asm volatile("fnstcw %0" : "=m"(control));
  asm volatile("fnstsw %0" : "=m"(status));
  settings.x87 = control | std::uint64_t{status} << 16;
#endif
  return settings;
}

void FloatSettings::set() const noexcept {
  const auto mxcsr = static_cast<std::uint32_t>(control);
#if defined(__i386__)
  const auto word = static_cast<std::uint16_t>(x87);
  asm volatile("fninit\n\tfldcw %0" : : "m"(word) : "memory");
#endif
  asm volatile("ldmxcsr %0" : : "m"(mxcsr) : "memory");
}

std::vector<NamedSettings> all_float_settings() {
  constexpr std::uint64_t kMasks = 0x1f80, kFlags = 0x3f, kFlush = 0x8040;
  const char* const modes[] = {"to nearest", "down", "up", "toward zero"};
  std::vector<NamedSettings> all;
  for (std::uint64_t mode = 0; mode < 4; ++mode) {
    for (const std::uint64_t masks : {kMasks, std::uint64_t{0}}) {
      for (const std::uint64_t flush : {std::uint64_t{0}, kFlush}) {
        FloatSettings settings{.control = mode << 13 | masks | flush};
#if defined(__i386__)
        settings.x87 = (masks != 0 ? 0x37fu : 0x340u) | mode << 10;
#endif
        all.push_back(
            {std::string(modes[mode]) + (masks == 0 ? ", unmasked" : "") + (flush != 0 ? ", flushed" : ""), settings});
      }
    }
  }
  all.push_back({"all flags raised", all.front().settings});
  all.back().settings.control |= kFlags;
  // Numbers of 24 bits in x87, as programs of 3D graphics leave it.
  all.push_back({"short numbers in x87", all.front().settings});
  all.back().settings.x87 &= ~std::uint64_t{0x300};
  return all;
}

#elif defined(__aarch64__)

FloatSettings FloatSettings::now() noexcept {
  FloatSettings settings;
  asm volatile("mrs %0, fpcr" : "=r"(settings.control));
  asm volatile("mrs %0, fpsr" : "=r"(settings.status));
  return settings;
}

void FloatSettings::set() const noexcept {
  asm volatile("msr fpcr, %0" : : "r"(control) : "memory");
  asm volatile("msr fpsr, %0" : : "r"(status) : "memory");
}

std::vector<NamedSettings> all_float_settings() {
  constexpr std::uint64_t kTraps = 0x1f00, kFlush = 1u << 24, kFlags = 0x1f;
  const char* const modes[] = {"to nearest", "up", "down", "toward zero"};
  std::vector<NamedSettings> all;
  const FloatSettings at_start = FloatSettings::now();
  for (std::uint64_t mode = 0; mode < 4; ++mode) {
    for (const std::uint64_t traps : {std::uint64_t{0}, kTraps}) {
      for (const std::uint64_t flush : {std::uint64_t{0}, kFlush}) {
        // Most processors have no traps and keep their bits zero: the settings are what is read back.
        FloatSettings{.control = mode << 22 | traps | flush}.set();
        all.push_back({std::string(modes[mode]) + (traps != 0 ? ", unmasked" : "") + (flush != 0 ? ", flushed" : ""),
                       FloatSettings::now()});
      }
    }
  }
  at_start.set();
  all.push_back({"all flags raised", all.front().settings});
  all.back().settings.status |= kFlags;
  return all;
}

#else

FloatSettings FloatSettings::now() noexcept { return {}; }
void FloatSettings::set() const noexcept {}
std::vector<NamedSettings> all_float_settings() { return {{"those of every process", {}}}; }

#endif

}  // namespace dinghy::tests
