# Installs the engine to a fresh folder and moves it, then builds and runs consumers in C++ and in C: by find_package and
# by pkg-config.
#
# cmake -DBUILD=build -DCONFIG=Release -DVERSION=version of the project -DSOURCE=tests/package -DWORK=folder
#       -DCXX=c++ -DCC=cc -DFLAGS=… -DGENERATOR=Ninja -P check.cmake
function(run)
  execute_process(COMMAND ${ARGN} COMMAND_ECHO STDOUT COMMAND_ERROR_IS_FATAL ANY)
endfunction()

file(REMOVE_RECURSE ${WORK})
run(${CMAKE_COMMAND} --install ${BUILD} --config ${CONFIG} --component engine --prefix ${WORK}/installed)
file(RENAME ${WORK}/installed ${WORK}/prefix)

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

set(projects . c_only)
if(FLAGS MATCHES "-fsanitize")  # whose own runtime wants that of C++
  set(projects .)
endif()
foreach(project IN LISTS projects)
  set(build ${WORK}/build/${project})
  run(${CMAKE_COMMAND} -G ${GENERATOR} -S ${SOURCE}/${project} -B ${build} -DCMAKE_PREFIX_PATH=${WORK}/prefix
      -DDINGHY_VERSION=${VERSION} -DCMAKE_BUILD_TYPE=${CONFIG}
      -DCMAKE_CXX_COMPILER=${CXX} -DCMAKE_C_COMPILER=${CC} -DCMAKE_CXX_FLAGS=${FLAGS} -DCMAKE_C_FLAGS=${FLAGS})
  run(${CMAKE_COMMAND} --build ${build})
  run(${build}/consumer)
endforeach()

find_program(pkg_config pkg-config)
if(pkg_config)
  file(GLOB_RECURSE package ${WORK}/prefix/*/dinghy.pc)
  get_filename_component(folder ${package} DIRECTORY)
  execute_process(
    COMMAND ${CMAKE_COMMAND} -E env PKG_CONFIG_PATH=${folder}
            ${pkg_config} --cflags --libs dinghy
    OUTPUT_VARIABLE flags OUTPUT_STRIP_TRAILING_WHITESPACE COMMAND_ERROR_IS_FATAL ANY)
  separate_arguments(flags)
  separate_arguments(FLAGS)
  run(${CXX} -std=c++20 ${FLAGS} ${SOURCE}/consumer.cc ${flags} -o ${WORK}/consumer)
  run(${WORK}/consumer)
  if(NOT FLAGS MATCHES "-fsanitize")
    run(${CC} -std=c11 ${FLAGS} ${SOURCE}/c_only/consumer.c ${flags} -o ${WORK}/consumer_c)
    run(${WORK}/consumer_c)
  endif()
endif()
