# The instruction sets that are built, and the only -m flags of the project.
include(CheckCXXSourceCompiles)

# No exceptions, so that nothing shared with other files is emitted; no contraction into fused multiply-adds that the
# kernels did not ask for; no link-time optimization, which could move code of one ISA into another's. Optimized in Debug
# builds too: at -O0 xsimd's inline functions for a narrower ISA become symbols of the wider ISA's object, and the linker
# may hand those to code that runs on machines without that ISA.
set(dinghy_kernel_flags $<IF:$<CONFIG:MinSizeRel>,-O2,-O3> -ffp-contract=off -fno-exceptions -fno-rtti -fno-lto)

# The processors: how the compiler's macros name them, what CMAKE_OSX_ARCHITECTURES calls them, and their ISAs beside
# `reference`.
set(dinghy_processors x86 arm64 arm riscv64 wasm)
set(dinghy_macro_x86 "defined(__x86_64__) || defined(__i386__)")
set(dinghy_macro_arm64 "defined(__aarch64__)")
set(dinghy_macro_arm "defined(__arm__)")
set(dinghy_macro_riscv64 "defined(__riscv) && __riscv_xlen == 64")
set(dinghy_macro_wasm "defined(__wasm__)")
set(dinghy_apple_x86 x86_64)
set(dinghy_apple_arm64 arm64)
set(dinghy_isas_x86 sse4_2 avx2_fma avx2_vnni avx512 avx512_vnni)
set(dinghy_isas_arm64 neon64 neon64_dotprod)
set(dinghy_isas_arm neon32)
set(dinghy_isas_wasm wasm_simd128)

set(dinghy_flags_sse4_2 -msse4.2)
set(dinghy_flags_avx2_fma -mavx2 -mfma -mf16c)
set(dinghy_flags_avx2_vnni ${dinghy_flags_avx2_fma} -mavxvnni)
set(dinghy_flags_avx512 -mavx512f -mavx512bw -mavx512dq -mavx512vl -mavx512cd -mavx2 -mfma -mf16c)
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  list(APPEND dinghy_flags_avx512 -Wno-uninitialized -Wno-maybe-uninitialized)  # g++ 12, in its own avx512fintrin.h
endif()
set(dinghy_flags_avx512_vnni ${dinghy_flags_avx512} -mavx512vnni)
set(dinghy_flags_neon32 -mfpu=neon)
set(dinghy_flags_wasm_simd128 -msimd128)
set(dinghy_flags_neon64_dotprod -march=armv8.2-a+dotprod)
# The floats of these are another ISA's.
set(dinghy_floats_avx2_vnni avx2_fma)
set(dinghy_floats_avx512_vnni avx512)
set(dinghy_floats_neon64_dotprod neon64)

# dinghy_find_processors(FOUND): what the compiler builds for, asked of the compiler: a cross build may have set no
# CMAKE_SYSTEM_PROCESSOR, or a wrong one, and kernels that are left out by mistake make the engine 10 to 40 times slower
# without a word. More than one in universal builds of Apple's compiler.
function(dinghy_find_processors found)
  set(CMAKE_TRY_COMPILE_TARGET_TYPE STATIC_LIBRARY)  # a program may need what the target has no library for
  set(CMAKE_REQUIRED_QUIET ON)
  set(result "")
  foreach(processor IN LISTS dinghy_processors)
    if(APPLE AND CMAKE_OSX_ARCHITECTURES)
      set(is OFF)
      if(dinghy_apple_${processor} IN_LIST CMAKE_OSX_ARCHITECTURES)
        set(is ON)
      endif()
    else()
      check_cxx_source_compiles("#if !(${dinghy_macro_${processor}})\n#error\n#endif\nint x;" DINGHY_BUILDS_FOR_${processor})
      set(is ${DINGHY_BUILDS_FOR_${processor}})
    endif()
    if(is)
      list(APPEND result ${processor})
    endif()
  endforeach()
  set(${found} ${result} PARENT_SCOPE)
endfunction()

# dinghy_choose_isas(CHOSEN PROCESSORS...): those of DINGHY_ISAS, or all of the processors.
function(dinghy_choose_isas chosen)
  set(known "")
  foreach(processor IN LISTS ARGN)
    list(APPEND known ${dinghy_isas_${processor}})
  endforeach()
  if(NOT DINGHY_ISAS)
    if(NOT ARGN)
      message(FATAL_ERROR "Dinghy knows no SIMD kernels for the processor that ${CMAKE_CXX_COMPILER} builds for"
              " (CMAKE_SYSTEM_PROCESSOR is '${CMAKE_SYSTEM_PROCESSOR}'). Name it to the compiler by the toolchain file, or"
              " set DINGHY_ISAS=reference for an engine without SIMD, which is 10 to 40 times slower.")
    endif()
    set(${chosen} ${known} PARENT_SCOPE)
    return()
  endif()
  set(result "")
  foreach(isa IN LISTS DINGHY_ISAS)
    if(isa STREQUAL "reference")
      continue()  # always there
    elseif(NOT isa IN_LIST known)
      list(JOIN known ", " names)
      message(FATAL_ERROR "DINGHY_ISAS: '${isa}' is no ISA of this processor; choose from ${names}, reference")
    endif()
    list(APPEND result ${isa} ${dinghy_floats_${isa}})
  endforeach()
  list(REMOVE_DUPLICATES result)
  set(${chosen} ${result} PARENT_SCOPE)
endfunction()

set(DINGHY_ISAS "" CACHE STRING "The ISAs to build, for example \"avx2_fma;sse4_2\"; empty: all of the processor")
dinghy_find_processors(dinghy_found)
dinghy_choose_isas(dinghy_chosen_isas ${dinghy_found})
# For tests/engine/kernels/isa_symbols.cmake: those whose code does not run on every machine of this processor.
set(dinghy_optional_isas ${dinghy_chosen_isas})
list(REMOVE_ITEM dinghy_optional_isas neon64 wasm_simd128)
set(dinghy_names ${dinghy_chosen_isas} reference)
list(JOIN dinghy_names ", " dinghy_names)
message(STATUS "ISAs of the engine: ${dinghy_names}")

# dinghy_add_isa_sources(TARGET FOLDER TABLE): adds FOLDER/NAME.cc for each ISA, and tells the source file TABLE which
# there are. To be called in the folder of TARGET, since flags of a file belong to a folder.
function(dinghy_add_isa_sources target folder table)
  list(LENGTH dinghy_found processors)
  foreach(isa IN LISTS dinghy_chosen_isas)
    set(only "")
    if(processors GREATER 1)  # one compile for two processors: the other's knows the file by its macros, not the flags
      foreach(processor IN LISTS dinghy_found)
        if(isa IN_LIST dinghy_isas_${processor})
          set(only -Xarch_${dinghy_apple_${processor}})
        endif()
      endforeach()
    endif()
    set(flags "")
    foreach(flag IN LISTS dinghy_flags_${isa})
      list(APPEND flags ${only} ${flag})
    endforeach()
    target_sources(${target} PRIVATE ${folder}/${isa}.cc)
    set_source_files_properties(${folder}/${isa}.cc PROPERTIES COMPILE_OPTIONS "${dinghy_kernel_flags};${flags}")
    string(TOUPPER DINGHY_HAS_${isa} definition)
    set_property(SOURCE ${table} APPEND PROPERTY COMPILE_DEFINITIONS ${definition})
  endforeach()
endfunction()

# dinghy_add_isa_kernels(TARGET): the engine's kernels.
function(dinghy_add_isa_kernels target)
  set(kernels ${PROJECT_SOURCE_DIR}/engine/kernels)
  dinghy_add_isa_sources(${target} ${kernels}/isa ${kernels}/select.cc)
endfunction()
