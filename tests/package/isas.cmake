# What the build decides about instruction sets, seen from outside: it asks the compiler for the processor, and ends rather
# than leave the kernels out without a word.
#
# cmake -DSOURCE=project -DWORK=folder -DCXX=c++ -DGENERATOR=Ninja -P isas.cmake
set(engine_only -DDINGHY_BUILD_CONVERTER=OFF -DDINGHY_BUILD_TESTS=OFF -DDINGHY_BUILD_BENCH=OFF -DDINGHY_BUILD_EXAMPLES=OFF)

# configure(SAYS OPTIONS...): fails unless CMake says the regular expression SAYS.
function(configure says)
  file(REMOVE_RECURSE ${WORK})
  execute_process(
    COMMAND ${CMAKE_COMMAND} -G ${GENERATOR} -S ${SOURCE} -B ${WORK} -DCMAKE_CXX_COMPILER=${CXX} ${engine_only} ${ARGN}
    OUTPUT_VARIABLE output ERROR_VARIABLE output)
  string(REGEX REPLACE "[ \n]+" " " output "${output}")
  if(NOT output MATCHES "${says}")
    message(SEND_ERROR "cmake ${ARGN} does not say '${says}' but:\n${output}")
  endif()
endfunction()

configure("ISAs of the engine: [a-z].*, reference ")
configure("ISAs of the engine: [a-z].*, reference " -DCMAKE_SYSTEM_NAME=${CMAKE_HOST_SYSTEM_NAME} -DCMAKE_SYSTEM_PROCESSOR=)
configure("ISAs of the engine: [a-z].*, reference " -DCMAKE_SYSTEM_NAME=${CMAKE_HOST_SYSTEM_NAME} -DCMAKE_SYSTEM_PROCESSOR=typo)
configure("ISAs of the engine: reference " -DDINGHY_ISAS=reference)
configure("'mmx' is no ISA of this processor; choose from [a-z]" -DDINGHY_ISAS=mmx)
configure("DINGHY_WITHOUT: the engine has no part 'scores'; choose from int4, [a-z]" -DDINGHY_WITHOUT=scores)
# A compiler of a processor that nobody has heard of.
set(unknown "-DCMAKE_CXX_FLAGS=-U__x86_64__ -U__i386__ -U__aarch64__ -U__arm__")
configure("knows no SIMD kernels for the processor .* DINGHY_ISAS=reference" ${unknown})
configure("ISAs of the engine: reference " ${unknown} -DDINGHY_ISAS=reference)
