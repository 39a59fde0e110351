# What the compiler and the linker can do against bugs in code that reads hostile files. Each flag is used where it is
# known; scripts/check-hardening says which of them a program has.
include(CheckCXXCompilerFlag)
include(CheckLinkerFlag)
include(CheckPIESupported)

# The paths of libraries that CMake puts into programs of the build folder: pkg-config's folder of libhdf5, and behind
# it an empty entry, which the loader takes for the folder in which the program is started.
set(CMAKE_SKIP_BUILD_RPATH ON)

# Sanitizers replace the functions that _FORTIFY_SOURCE replaces, and the counters of `coverage` go with -O0, which it
# does not work with.
if(CMAKE_CXX_FLAGS MATCHES "-fsanitize" OR DINGHY_COVERAGE)
  set(dinghy_fortify "")
else()
  set(level 3)
  if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU" AND CMAKE_CXX_COMPILER_VERSION VERSION_LESS 12)
    set(level 2)
  endif()
  set(optimized $<CONFIG:Release,RelWithDebInfo,MinSizeRel>)
  set(dinghy_fortify $<${optimized}:-U_FORTIFY_SOURCE> $<${optimized}:-D_FORTIFY_SOURCE=${level}>)
endif()

# dinghy_known_flags(VARIABLE CHECK FLAG...): those of the flags that CHECK, of the compiler or the linker, finds.
function(dinghy_known_flags variable check)
  set(known "")
  string(APPEND CMAKE_REQUIRED_FLAGS " -Werror")  # clang only warns of a flag that another processor has
  foreach(flag IN LISTS ARGN)
    string(MAKE_C_IDENTIFIER "DINGHY_HAS${flag}" has)
    cmake_language(CALL ${check} ${flag} ${has})
    if(${has})
      list(APPEND known ${flag})
    endif()
  endforeach()
  set(${variable} ${known} PARENT_SCOPE)
endfunction()

function(dinghy_check_linker_flag flag variable)
  check_linker_flag(CXX ${flag} ${variable})
  set(${variable} ${${variable}} PARENT_SCOPE)
endfunction()

# Returns and indirect calls that land only where they may: CET on x86, PAC and BTI on ARM.
if(dinghy_found STREQUAL "arm64")  # isa.cmake asked the compiler
  set(branches -mbranch-protection=standard)
else()
  set(branches -fcf-protection=full)
endif()
dinghy_known_flags(dinghy_branch_flags check_cxx_compiler_flag ${branches})
dinghy_known_flags(dinghy_stack_flags check_cxx_compiler_flag -fstack-protector-strong -fstack-clash-protection)
dinghy_known_flags(dinghy_link_flags dinghy_check_linker_flag
  LINKER:-z,relro LINKER:-z,now LINKER:-z,noexecstack LINKER:-z,separate-code)

# Programs at addresses that nobody knows. Only where this project builds programs: its engine alone is position
# independent as it is.
if(DINGHY_BUILD_CONVERTER)
  check_pie_supported(LANGUAGES CXX)
  set(CMAKE_POSITION_INDEPENDENT_CODE ON)
endif()

# dinghy_harden(TARGET): a library or a program of the converter.
function(dinghy_harden target)
  target_compile_options(${target} PRIVATE ${dinghy_stack_flags} ${dinghy_branch_flags} ${dinghy_fortify})
  get_target_property(type ${target} TYPE)
  if(type STREQUAL "EXECUTABLE")
    target_link_options(${target} PRIVATE ${dinghy_link_flags})
  endif()
endfunction()

# dinghy_harden_engine(TARGET): what costs a call of the engine nothing. The marks of branches are everywhere, since a
# program has them only when all that is linked into it does; canaries are where a file is opened, not where it is
# scored.
function(dinghy_harden_engine target)
  if(NOT CMAKE_SYSTEM_NAME MATCHES "^(Linux|Android)$")
    return()  # a canary may need a library there, and the engine links none
  endif()
  target_compile_options(${target} PRIVATE ${dinghy_branch_flags})
  get_target_property(sources ${target} SOURCES)
  foreach(name "^format/" "^platform/" "^network/read" "^model\\.cc$" "^c_api")
    set(guarded ${sources})
    list(FILTER guarded INCLUDE REGEX ${name})
    if(NOT guarded)
      message(FATAL_ERROR "cmake/hardening.cmake: no source of the engine is called ${name} any more")
    endif()
    set_property(SOURCE ${guarded} APPEND PROPERTY COMPILE_OPTIONS ${dinghy_stack_flags})
  endforeach()
endfunction()
