# Installs the engine to a fresh folder and moves it, then builds and runs consumers in C++ and in C, of the static and
# of the shared library: by find_package and by pkg-config.
#
# cmake -DBUILD=build -DCONFIG=Release -DVERSION=version of the project -DSOURCE=tests/package -DWORK=folder
#       -DCXX=c++ -DCC=cc -DFLAGS=… -DGENERATOR=Ninja -P check.cmake
function(run)
  execute_process(COMMAND ${ARGN} COMMAND_ECHO STDOUT COMMAND_ERROR_IS_FATAL ANY)
endfunction()

file(REMOVE_RECURSE ${WORK})
run(${CMAKE_COMMAND} --install ${BUILD} --config ${CONFIG} --component engine --prefix ${WORK}/installed)
file(RENAME ${WORK}/installed ${WORK}/prefix)

include(${CMAKE_CURRENT_LIST_DIR}/bill_of_materials.cmake)
file(GLOB_RECURSE bill ${WORK}/prefix/*/dinghy.spdx.json)
bill_of_materials(${bill})

file(GLOB_RECURSE headers ${WORK}/prefix/include/*.h)
if(NOT headers)
  message(FATAL_ERROR "no header was installed")
endif()
foreach(header IN LISTS headers)
  file(STRINGS ${header} includes REGEX "^#include" )
  list(FILTER includes EXCLUDE REGEX "<([a-z_]+|std[a-z]+\\.h)>|\"dinghy/[a-z_]+\\.h\"")
  if(includes)
    message(FATAL_ERROR "${header} needs more than the standard library: ${includes}")
  endif()
endforeach()

set(sanitized OFF)
if(FLAGS MATCHES "-fsanitize")  # whose own runtime wants that of C++
  set(sanitized ON)
endif()

# consume(PROJECT LIBRARY): a project that finds the engine builds and runs its program.
function(consume project library)
  string(MAKE_C_IDENTIFIER "${project}-${library}" name)
  set(build ${WORK}/build/${name})
  run(${CMAKE_COMMAND} -G ${GENERATOR} -S ${SOURCE}/${project} -B ${build} -DCMAKE_PREFIX_PATH=${WORK}/prefix
      -DDINGHY_VERSION=${VERSION} -DCMAKE_BUILD_TYPE=${CONFIG} -DLIBRARY=${library}
      -DCMAKE_CXX_COMPILER=${CXX} -DCMAKE_C_COMPILER=${CC} -DCMAKE_CXX_FLAGS=${FLAGS} -DCMAKE_C_FLAGS=${FLAGS})
  run(${CMAKE_COMMAND} --build ${build})
  run(${build}/consumer)
endfunction()

consume(. dinghy::engine)
if(NOT sanitized)
  consume(c_only dinghy::engine)
  consume(c_only dinghy::shared)
endif()

# The shared library has no C++ interface, and its headers say so before the linker does.
execute_process(
  COMMAND ${CXX} -std=c++20 -fsyntax-only -DDINGHY_SHARED -I${WORK}/prefix/include ${SOURCE}/consumer.cc
  ERROR_VARIABLE errors RESULT_VARIABLE result)
if(result EQUAL 0 OR NOT errors MATCHES "for C\\+\\+ link the static one")
  message(FATAL_ERROR "C++ on the shared library is not refused: ${errors}")
endif()

# It is called so that programs keep working with a later one, and needs the C library alone.
find_program(readelf readelf)
if(readelf AND NOT sanitized)
  file(GLOB_RECURSE library ${WORK}/prefix/libdinghy.so)
  execute_process(COMMAND ${readelf} -d ${library} OUTPUT_VARIABLE dynamic COMMAND_ERROR_IS_FATAL ANY)
  if(NOT dynamic MATCHES "SONAME[^\n]*\\[libdinghy\\.so\\.0\\]")
    message(FATAL_ERROR "${library} has another SONAME: ${dynamic}")
  endif()
  string(REGEX MATCHALL "NEEDED[^\n]*\\[[^\n]*" needed "${dynamic}")
  list(FILTER needed EXCLUDE REGEX "\\[(libc|libm|ld-[a-z0-9_-]+)\\.so")
  if(needed)
    message(FATAL_ERROR "${library} needs more than libc and libm: ${needed}")
  endif()
endif()

# compile_by_pkg_config(PACKAGE SOURCE COMPILER...)
function(compile_by_pkg_config package source)
  execute_process(
    COMMAND ${CMAKE_COMMAND} -E env PKG_CONFIG_PATH=${folder} ${pkg_config} --cflags --libs ${package}
    OUTPUT_VARIABLE flags OUTPUT_STRIP_TRAILING_WHITESPACE COMMAND_ERROR_IS_FATAL ANY)
  separate_arguments(flags)
  separate_arguments(FLAGS)
  run(${ARGN} ${FLAGS} ${SOURCE}/${source} ${flags} -o ${WORK}/consumer)
  run(${CMAKE_COMMAND} -E env LD_LIBRARY_PATH=${folder}/.. ${WORK}/consumer)
endfunction()

find_program(pkg_config pkg-config)
if(pkg_config)
  file(GLOB_RECURSE package ${WORK}/prefix/*/dinghy.pc)
  get_filename_component(folder ${package} DIRECTORY)
  compile_by_pkg_config(dinghy consumer.cc ${CXX} -std=c++20)
  if(NOT sanitized)
    compile_by_pkg_config(dinghy c_only/consumer.c ${CC} -std=c11)
    compile_by_pkg_config(dinghy-shared c_only/consumer.c ${CC} -std=c11)
  endif()
endif()
