# Every library that Dinghy uses: a package of the system first, else a pinned release.
include(FetchContent)

# The engine: two header-only libraries. xsimd 8 (Debian 12's own) is too old for the kernels.
find_package(xsimd 13 CONFIG REQUIRED)
find_package(FlatBuffers CONFIG REQUIRED)

# The folders of their headers alone: Debian's xsimd target would link xtl, FlatBuffers' its library.
add_library(dinghy_header_libraries INTERFACE)
