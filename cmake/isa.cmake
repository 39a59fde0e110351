# The instruction sets that are built, and the only -m flags of the project.

# No exceptions, so that nothing shared with other files is emitted; no contraction into fused multiply-adds that the
# kernels did not ask for; no link-time optimization, which could move code of one ISA into another's. Optimized in Debug builds too: at -O0 xsimd's inline functions for a narrower ISA become
# symbols of the wider ISA's object, and the linker may hand those to code that runs on machines without that ISA.
set(dinghy_kernel_flags -O3 -ffp-contract=off -fno-exceptions -fno-rtti -fno-lto)

# dinghy_add_isa_sources(TARGET FOLDER TABLE): adds FOLDER/NAME.cc for each ISA of the target processor, and tells the
# source file TABLE which there are. To be called in the folder of TARGET, since flags of a file belong to a folder.
function(dinghy_add_isa_sources target folder table)
  if(CMAKE_SYSTEM_PROCESSOR MATCHES "^(x86_64|amd64|AMD64|i[3-6]86)$")
    set(isas sse4_2 avx2_fma avx512 avx512_vnni)
    set(flags_sse4_2 -msse4.2)
    set(flags_avx2_fma -mavx2 -mfma -mf16c)
    set(flags_avx512 -mavx512f -mavx512bw -mavx512dq -mavx512vl -mavx512cd -mavx2 -mfma -mf16c)
    if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
      list(APPEND flags_avx512 -Wno-uninitialized -Wno-maybe-uninitialized)  # g++ 12, in its own avx512fintrin.h
    endif()
    set(flags_avx512_vnni ${flags_avx512} -mavx512vnni)
  elseif(CMAKE_SYSTEM_PROCESSOR MATCHES "^(aarch64|arm64|ARM64)$")
    set(isas neon64 neon64_dotprod)
    set(flags_neon64 "")
    set(flags_neon64_dotprod -march=armv8.2-a+dotprod)
  else()
    set(isas "")  # `reference` alone
  endif()

  foreach(isa IN LISTS isas)
    target_sources(${target} PRIVATE ${folder}/${isa}.cc)
    set_source_files_properties(${folder}/${isa}.cc PROPERTIES
      COMPILE_OPTIONS "${dinghy_kernel_flags};${flags_${isa}}")
    string(TOUPPER DINGHY_HAS_${isa} definition)
    set_property(SOURCE ${table} APPEND PROPERTY COMPILE_DEFINITIONS ${definition})
  endforeach()
  # For tests/engine/kernels/isa_symbols.cmake: those whose code does not run on every machine of this processor.
  list(REMOVE_ITEM isas neon64)
  set_property(TARGET ${target} PROPERTY DINGHY_OPTIONAL_ISAS ${isas})
endfunction()

# dinghy_add_isa_kernels(TARGET): the engine's kernels.
function(dinghy_add_isa_kernels target)
  set(kernels ${PROJECT_SOURCE_DIR}/engine/kernels)
  dinghy_add_isa_sources(${target} ${kernels}/isa ${kernels}/select.cc)
endfunction()
