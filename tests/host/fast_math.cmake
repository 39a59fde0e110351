# No source of the engine is compiled with -ffast-math or a part of it, whatever the application around it says.
#
# cmake -DSOURCE=tests/host -DDINGHY=checkout -DWORK=folder -DCXX=c++ -DGENERATOR=Ninja -DDEPENDENCIES=_deps -P fast_math.cmake
file(REMOVE_RECURSE ${WORK})
execute_process(
  COMMAND ${CMAKE_COMMAND} -G ${GENERATOR} -S ${SOURCE} -B ${WORK} -DDINGHY=${DINGHY} -DCMAKE_CXX_COMPILER=${CXX}
          -DCMAKE_BUILD_TYPE=Release -DCMAKE_CXX_SCAN_FOR_MODULES=OFF
          -DFETCHCONTENT_BASE_DIR=${DEPENDENCIES} -DFETCHCONTENT_FULLY_DISCONNECTED=ON
  OUTPUT_QUIET COMMAND_ERROR_IS_FATAL ANY)

file(READ ${WORK}/compile_commands.json json)
string(JSON count LENGTH "${json}")
math(EXPR last "${count} - 1")
set(ways "")
foreach(i RANGE ${last})
  string(JSON command GET "${json}" ${i} command)
  # What a source adds of its own stays: the kernels' flags stand behind all others.
  string(REGEX REPLACE " -o .*" "" command "${command}")
  list(APPEND ways "${command}")
endforeach()
list(REMOVE_DUPLICATES ways)
list(LENGTH ways different)
message(STATUS "${count} sources, compiled in ${different} ways")

# The compiler's own word: what it defines under these flags.
set(empty ${WORK}/empty.cc)
file(WRITE ${empty} "")
foreach(way IN LISTS ways)
  if(NOT way MATCHES "-ffast-math")
    message(FATAL_ERROR "the application's flags are not there: ${way}")
  endif()
  separate_arguments(arguments UNIX_COMMAND "${way}")
  execute_process(COMMAND ${arguments} -dM -E ${empty} OUTPUT_VARIABLE macros COMMAND_ERROR_IS_FATAL ANY)
  string(REGEX MATCHALL
    "#define (__FAST_MATH__|__FINITE_MATH_ONLY__ 1|__ASSOCIATIVE_MATH__|__RECIPROCAL_MATH__|__NO_SIGNED_ZEROS__)"
    wrong "${macros}")
  if(wrong)
    message(SEND_ERROR "${wrong}\n  by ${way}")
  endif()
endforeach()
