# Writes the amalgamation to a folder outside the tree, compiles it in one line, links a C program with it, and scores a
# golden model.
#
# cmake -DSOURCE=project -DBUILD=build [-DMODEL=file] -DWORK=folder -DPYTHON=python3 -DCXX=c++ -DCC=cc -P amalgamation.cmake
#
# Without a model, for 64-bit ARM: its kernels alone, which a cross compiler has to take.
function(run)
  execute_process(COMMAND ${ARGN} WORKING_DIRECTORY ${WORK} COMMAND_ECHO STDOUT COMMAND_ERROR_IS_FATAL ANY)
endfunction()

file(REMOVE_RECURSE ${WORK})
file(MAKE_DIRECTORY ${WORK})
find_program(flatc flatc)
set(generated)
if(NOT flatc)  # the build has one of its own
  set(generated --generated ${BUILD}/schema)
endif()
run(${PYTHON} ${SOURCE}/scripts/amalgamate . ${generated})

# What is missing is an error: no file that does not compile.
execute_process(COMMAND ${PYTHON} ${SOURCE}/scripts/amalgamate ${WORK}/nothing --generated ${WORK}
                ERROR_VARIABLE errors RESULT_VARIABLE result)
if(result EQUAL 0 OR EXISTS ${WORK}/nothing OR NOT errors MATCHES "includes \"model_generated.h\", which is in none of")
  message(FATAL_ERROR "an amalgamation without model_generated.h is not refused: ${errors}")
endif()

include(${CMAKE_CURRENT_LIST_DIR}/bill_of_materials.cmake)
bill_of_materials(${WORK}/dinghy.spdx.json)

file(GLOB files RELATIVE ${WORK} ${WORK}/dinghy*)
foreach(file IN LISTS files)
  file(STRINGS ${WORK}/${file} includes REGEX "^ *# *include *[<\"](xsimd|flatbuffers|engine|schema|dinghy)/")
  if(includes)
    message(FATAL_ERROR "${file} is not whole: ${includes}")
  endif()
endforeach()

if(NOT MODEL)
  run(${CXX} -std=c++20 -O1 -Wall -Wno-psabi -Werror -c dinghy_neon64.cc dinghy_neon64_dotprod.cc)
  return()
endif()

file(GLOB sources RELATIVE ${WORK} ${WORK}/dinghy*.cc)
set(without -DDINGHY_WITHOUT_AVX512 -DDINGHY_WITHOUT_AVX512_VNNI)  # whose templates take longest
run(${CXX} -std=c++20 -O1 -fno-exceptions -Wall -Wno-psabi -Werror ${without} -c ${sources})
# Its kernels fuse multiplications and additions where the instructions are there: a part of xsimd that is not copied leaves
# right scores, a fifth slower.
find_program(objdump objdump)
if(objdump AND EXISTS ${WORK}/dinghy_avx2_fma.o)
  execute_process(COMMAND ${objdump} -d dinghy_avx2_fma.o WORKING_DIRECTORY ${WORK} OUTPUT_VARIABLE code COMMAND_ERROR_IS_FATAL ANY)
  string(REGEX MATCHALL "vfmadd" fused "${code}")
  list(LENGTH fused count)
  file(SIZE ${WORK}/dinghy_avx2_fma.o compiled)
  if(compiled GREATER 10000 AND count LESS 50)
    message(FATAL_ERROR "dinghy_avx2_fma.o has ${count} fused multiply-adds")
  endif()
endif()
run(${CC} -std=c11 -Wall -Werror -I. -c ${SOURCE}/tests/package/amalgamation/consumer.c)
string(REPLACE ".cc" ".o" objects "${sources}")
run(${CC} consumer.o ${objects} -lm -o consumer)  # no C++ runtime
run(./consumer ${MODEL})
