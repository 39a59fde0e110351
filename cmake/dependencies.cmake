# Every library that Dinghy uses: a package of the system first, else the pinned release below.
#
# scripts/install-dependencies brings all packages on Debian; vcpkg.json names them for everyone else. A download is
# the last resort: each is pinned by its SHA-256. FETCHCONTENT_TRY_FIND_PACKAGE_MODE=NEVER prefers the downloads,
# FETCHCONTENT_FULLY_DISCONNECTED=ON forbids them.
include(FetchContent)

# Some of the releases ask for policies that CMake 4 has dropped, and would not see the options that are set here.
set(CMAKE_POLICY_VERSION_MINIMUM 3.10)
set(CMAKE_POLICY_DEFAULT_CMP0077 NEW)

# dinghy_library(NAME URL SHA256 [find_package arguments]): declares one library that the system may have.
# dinghy_NAME_pinned: the version of the download.
macro(dinghy_library name url sha256)
  string(REGEX MATCH "[0-9]+\\.[0-9]+\\.[0-9]+" dinghy_${name}_pinned "${url}")
  FetchContent_Declare(${name} URL ${url} URL_HASH SHA256=${sha256} EXCLUDE_FROM_ALL SYSTEM FIND_PACKAGE_ARGS ${ARGN})
endmacro()

# ---- the engine: two header-only libraries ----------------------------------------------------------------------

# xsimd 8 (Debian 12's own) is too old for the kernels.
dinghy_library(xsimd https://github.com/xtensor-stack/xsimd/archive/refs/tags/13.2.0.tar.gz
  edd8cd3d548c185adc70321c53c36df41abe64c1fe2c67bc6d93c3ecda82447a 13 CONFIG)

# 2.0.8 and 25 both work. What the flatc of the pinned version makes of the schema lies in schema/generated
# (scripts/generate-schema): a flatc compiled for another machine would not run here.
set(FLATBUFFERS_BUILD_TESTS OFF)
set(FLATBUFFERS_BUILD_FLATHASH OFF)
set(FLATBUFFERS_INSTALL OFF)
dinghy_library(FlatBuffers https://github.com/google/flatbuffers/archive/refs/tags/v25.12.19.tar.gz
  f81c3162b1046fe8b84b9a0dbdd383e24fdbcf88583b9cb6028f90d04d90696a 2.0.8 CONFIG)

FetchContent_MakeAvailable(xsimd FlatBuffers)
set(dinghy_FlatBuffers_version "${FlatBuffers_VERSION}")
if(NOT FlatBuffers_FOUND)  # a project around this one may bring its own
  file(READ ${flatbuffers_SOURCE_DIR}/include/flatbuffers/base.h base)
  string(REGEX MATCHALL "FLATBUFFERS_VERSION_[A-Z]+ [0-9]+" numbers "${base}")
  list(TRANSFORM numbers REPLACE ".* " "")
  list(JOIN numbers "." dinghy_FlatBuffers_version)
endif()
if(NOT TARGET flatbuffers::flatc)
  add_executable(flatbuffers::flatc ALIAS flatc)
endif()
if(NOT TARGET flatbuffers::flatbuffers)
  add_library(flatbuffers::flatbuffers ALIAS flatbuffers)
endif()

# The folders of their headers alone: Debian's xsimd target would link xtl, FlatBuffers' its library.
add_library(dinghy_header_libraries INTERFACE)
target_include_directories(dinghy_header_libraries SYSTEM INTERFACE
  $<TARGET_PROPERTY:xsimd,INTERFACE_INCLUDE_DIRECTORIES>
  $<TARGET_PROPERTY:flatbuffers::flatbuffers,INTERFACE_INCLUDE_DIRECTORIES>)
# Their namespaces are ours: an application may have another version of either, and the linker keeps one function of a
# name for everybody. Macros, since neither library has a setting for it; they do not reach into #include <…>.
target_compile_definitions(dinghy_header_libraries INTERFACE
  flatbuffers=dinghy_flatbuffers xsimd=dinghy_xsimd)

# ---- the converter ----------------------------------------------------------------------------------------------

if(DINGHY_BUILD_CONVERTER)
  find_package(OpenSSL REQUIRED COMPONENTS Crypto)  # no download: too large a thing to build on the side

  dinghy_library(nlohmann_json https://github.com/nlohmann/json/releases/download/v3.11.3/json.tar.xz
    d6c65aca6b1ed68e7a182f4757257b107ae403032760ed6ef121c9d55e81757d 3.11 CONFIG)
  dinghy_library(CLI11 https://github.com/CLIUtils/CLI11/archive/refs/tags/v2.5.0.tar.gz
    17e02b4cddc2fa348e5dbdbb582c59a3486fa2b2433e70a0c3bacb871334fd55 2.1 CONFIG)
  dinghy_library(tomlplusplus https://github.com/marzer/tomlplusplus/archive/refs/tags/v3.4.0.tar.gz
    8517f65938a4faae9ccf8ebb36631a38c1cadfb5efa85d9a72e15b9e97d25155 CONFIG)
  FetchContent_MakeAvailable(nlohmann_json CLI11 tomlplusplus)

  # pkg-config first: Debian's CMake package of libzip is an error unless the packages of its three tools are there.
  find_package(PkgConfig QUIET)
  if(PKG_CONFIG_FOUND)
    pkg_check_modules(libzip QUIET IMPORTED_TARGET libzip)
  endif()
  if(TARGET PkgConfig::libzip)
    add_library(libzip::zip ALIAS PkgConfig::libzip)
  else()
    foreach(part BUILD_TOOLS BUILD_REGRESS BUILD_OSSFUZZ BUILD_EXAMPLES BUILD_DOC ENABLE_OPENSSL LIBZIP_DO_INSTALL)
      set(${part} OFF)
    endforeach()
    dinghy_library(libzip https://libzip.org/download/libzip-1.11.4.tar.gz
      82e9f2f2421f9d7c2466bbc3173cd09595a88ea37db0d559a9d0a2dc60dc722e CONFIG)
    FetchContent_MakeAvailable(libzip)
    if(NOT TARGET libzip::zip)
      add_library(libzip::zip ALIAS zip)
    endif()
  endif()

  # Optional, for files of Keras; no download: too large a thing to build on the side.
  # hdf5-serial: the name in Debian's package, for which its installation makes the other.
  if(PKG_CONFIG_FOUND AND NOT CMAKE_DISABLE_FIND_PACKAGE_HDF5)
    pkg_search_module(hdf5 QUIET IMPORTED_TARGET hdf5 hdf5-serial)
  endif()
  if(TARGET PkgConfig::hdf5)
    add_library(dinghy_hdf5 ALIAS PkgConfig::hdf5)
  else()
    find_package(HDF5 QUIET COMPONENTS C)
    if(TARGET hdf5::hdf5)
      add_library(dinghy_hdf5 ALIAS hdf5::hdf5)
    else()
      message(STATUS "No libhdf5: this build will not read files of Keras")
    endif()
  endif()
endif()

# ---- tests and benchmarks ---------------------------------------------------------------------------------------

if(DINGHY_BUILD_TESTS)
  dinghy_library(Catch2 https://github.com/catchorg/Catch2/archive/refs/tags/v3.7.1.tar.gz
    c991b247a1a0d7bb9c39aa35faf0fe9e19764213f28ffba3109388e62ee0269c 3 CONFIG)
  FetchContent_MakeAvailable(Catch2)
  if(DEFINED catch2_SOURCE_DIR)
    list(APPEND CMAKE_MODULE_PATH ${catch2_SOURCE_DIR}/extras)
  endif()
endif()

if(DINGHY_BUILD_BENCH)
  set(BENCHMARK_ENABLE_TESTING OFF)
  set(BENCHMARK_ENABLE_INSTALL OFF)
  dinghy_library(benchmark https://github.com/google/benchmark/archive/refs/tags/v1.9.1.tar.gz
    32131c08ee31eeff2c8968d7e874f3cb648034377dfc32a4c377fa8796d84981 1.7 CONFIG)
  FetchContent_MakeAvailable(benchmark)
endif()
