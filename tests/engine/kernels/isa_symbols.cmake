# The object of an ISA may define no function that another file could define too, unless the ISA is part of its name:
# the linker keeps one of them for everybody, and code for AVX-512 must not end up in the path of a machine without it.
#
# cmake -DNM=nm -DOBJECTS=a.o;b.o -DISAS=sse4_2;… -P isa_symbols.cmake
set(arch_sse4_2 "dinghy_xsimd::sse4_2")
set(arch_avx2_fma "dinghy_xsimd::(fma3<dinghy_xsimd::avx2>|avx2)")
set(arch_avx2_vnni "Avx2Vnni|dinghy_xsimd::(fma3<dinghy_xsimd::avx2>|avx2)")
set(arch_avx512 "dinghy_xsimd::avx512")
set(arch_avx512_vnni "dinghy_xsimd::avx512vnni")
set(arch_neon32 "dinghy_xsimd::neon|dinghy_xsimd::kernel::(wrap|detail)::")
# xsimd wraps single instructions of NEON in functions, to take their addresses: they are the same for every processor.
set(arch_neon64_dotprod "Neon64Dotprod|dinghy_xsimd::kernel::(wrap|detail)::")

foreach(isa IN LISTS ISAS)
  set(object ${OBJECTS})
  list(FILTER object INCLUDE REGEX "/(isa/|dinghy_)${isa}\\.cc\\.o$")
  list(LENGTH object count)
  if(NOT count EQUAL 1)
    message(FATAL_ERROR "expected one object for ${isa}, found ${count}: ${object}")
  endif()
  execute_process(COMMAND ${NM} -C --defined-only ${object} OUTPUT_VARIABLE symbols COMMAND_ERROR_IS_FATAL ANY)
  string(REPLACE ";" "," symbols "${symbols}")
  string(REGEX MATCHALL "[^\n]+" symbols "${symbols}")
  if(NOT symbols MATCHES "${isa}_(kernels|integers)")
    message(FATAL_ERROR "${object} does not define ${isa}_kernels or ${isa}_integers: ${NM} shows ${symbols}")
  endif()
  list(FILTER symbols INCLUDE REGEX "^[0-9a-f]+ [WVu] ")
  list(FILTER symbols EXCLUDE REGEX "${arch_${isa}}|DW\\.ref")
  if(symbols)
    list(JOIN symbols "\n  " lines)
    message(SEND_ERROR "symbols of ${isa} that another file may share:\n  ${lines}")
  endif()
endforeach()
