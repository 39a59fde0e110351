# A project in C takes the engine's sources in, by add_subdirectory and by both ways of FetchContent for a folder; its
# cache holds nothing new but the engine's. It installs a library of its own around the engine, and a program outside
# finds that.
#
# cmake -DDINGHY=checkout -DSOURCE=tests/package/parent -DWORK=folder -DCXX=c++ -DCC=cc -DGENERATOR=Ninja
#       -DLAUNCHER=ccache -DDEPENDENCIES=_deps -P subproject.cmake
function(run)
  execute_process(COMMAND ${ARGN} COMMAND_ECHO STDOUT COMMAND_ERROR_IS_FATAL ANY)
endfunction()

file(REMOVE_RECURSE ${WORK})
# Quick to compile: what is looked at is the build around it.
set(common -G ${GENERATOR} -DCMAKE_BUILD_TYPE=Debug -DCMAKE_C_COMPILER=${CC} -DCMAKE_CXX_COMPILER=${CXX})
set(options ${common} -DDINGHY=${DINGHY} -DDINGHY_ISAS=reference -DDINGHY_AMALGAMATED=ON -DCMAKE_CXX_FLAGS=-O0
    -DCMAKE_CXX_COMPILER_LAUNCHER=${LAUNCHER} -DFETCHCONTENT_BASE_DIR=${DEPENDENCIES} -DFETCHCONTENT_FULLY_DISCONNECTED=ON)
run(${CMAKE_COMMAND} -S ${SOURCE} -B ${WORK}/source_dir ${options} -DWAY=SOURCE_DIR)
run(${CMAKE_COMMAND} -S ${SOURCE} -B ${WORK}/override ${options} -DWAY=URL -DFETCHCONTENT_SOURCE_DIR_DINGHY=${DINGHY})
set(build ${WORK}/add_subdirectory)
run(${CMAKE_COMMAND} -S ${SOURCE} -B ${build} ${options} -DWAY=add_subdirectory)
run(${CMAKE_COMMAND} ${build})  # a second time, with the cache of the first
run(${CMAKE_COMMAND} --build ${build} --parallel 2)
run(${build}/program)
run(${CMAKE_COMMAND} --install ${build} --prefix ${WORK}/prefix)

run(${CMAKE_COMMAND} -S ${SOURCE}/consumer -B ${WORK}/consumer ${common} -DCMAKE_PREFIX_PATH=${WORK}/prefix)
run(${CMAKE_COMMAND} --build ${WORK}/consumer)
run(${WORK}/consumer/consumer)
