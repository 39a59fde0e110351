# Installs the engine to a fresh folder, then builds and runs a consumer twice: by find_package and by pkg-config.
#
# cmake -DBUILD=build -DCONFIG=Release -DVERSION=version of the project -DSOURCE=tests/package -DWORK=folder
#       -DCXX=c++ -DCC=cc -DFLAGS=… -DGENERATOR=Ninja -P check.cmake
function(run)
  execute_process(COMMAND ${ARGN} COMMAND_ECHO STDOUT COMMAND_ERROR_IS_FATAL ANY)
endfunction()

file(REMOVE_RECURSE ${WORK})
run(${CMAKE_COMMAND} --install ${BUILD} --config ${CONFIG} --component engine --prefix ${WORK}/prefix)

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

run(${CMAKE_COMMAND} -G ${GENERATOR} -S ${SOURCE} -B ${WORK}/build -DCMAKE_PREFIX_PATH=${WORK}/prefix
    -DDINGHY_VERSION=${VERSION}
    -DCMAKE_CXX_COMPILER=${CXX} -DCMAKE_C_COMPILER=${CC} -DCMAKE_CXX_FLAGS=${FLAGS} -DCMAKE_C_FLAGS=${FLAGS} -DCMAKE_BUILD_TYPE=${CONFIG})
run(${CMAKE_COMMAND} --build ${WORK}/build)
run(${WORK}/build/consumer)
run(${WORK}/build/consumer_c)

find_program(pkg_config pkg-config)
if(pkg_config)
  file(GLOB_RECURSE package ${WORK}/prefix/*/dinghy.pc)
  get_filename_component(folder ${package} DIRECTORY)
  execute_process(
    COMMAND ${CMAKE_COMMAND} -E env PKG_CONFIG_PATH=${folder}
            ${pkg_config} --define-prefix --cflags --libs dinghy
    OUTPUT_VARIABLE flags OUTPUT_STRIP_TRAILING_WHITESPACE COMMAND_ERROR_IS_FATAL ANY)
  separate_arguments(flags)
  separate_arguments(FLAGS)
  run(${CXX} -std=c++20 ${FLAGS} ${SOURCE}/consumer.cc ${flags} -o ${WORK}/consumer)
  run(${WORK}/consumer)
  # C: the C++ compiler links, since it knows its runtime.
  run(${CC} -std=c11 ${FLAGS} -c ${SOURCE}/consumer.c ${flags} -o ${WORK}/consumer_c.o)
  run(${CXX} ${FLAGS} ${WORK}/consumer_c.o ${flags} -o ${WORK}/consumer_c)
  run(${WORK}/consumer_c)
endif()
