// What a build leaves out to be smaller: DINGHY_WITHOUT in CMake, these macros where the engine is compiled otherwise.
// A call or a file that needs such a part is `unsupported`; nothing else changes (docs/size.md).
#pragma once

namespace dinghy {

#ifdef DINGHY_WITHOUT_INT4
inline constexpr bool kHasInt4 = false;
#else
inline constexpr bool kHasInt4 = true;
#endif

#ifdef DINGHY_WITHOUT_INTEGERS
inline constexpr bool kHasIntegers = false;  // models that ask for integers are computed in floats
#else
inline constexpr bool kHasIntegers = true;
#endif

#ifdef DINGHY_WITHOUT_MEMO
inline constexpr bool kHasMemo = false;
#else
inline constexpr bool kHasMemo = true;
#endif

#ifdef DINGHY_WITHOUT_REMOTE
inline constexpr bool kHasRemote = false;
#else
inline constexpr bool kHasRemote = true;
#endif

#ifdef DINGHY_WITHOUT_SELFTEST
inline constexpr bool kHasSelftest = false;
#else
inline constexpr bool kHasSelftest = true;
#endif

#ifdef DINGHY_WITHOUT_DESCRIBE
inline constexpr bool kHasDescribe = false;
#else
inline constexpr bool kHasDescribe = true;
#endif

}  // namespace dinghy
