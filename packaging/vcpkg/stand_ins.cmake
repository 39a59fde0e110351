# Runs the port with stand-ins for the functions of vcpkg that it calls: whether its options build and install what its
# users find. Release alone, without SIMD.
#
# cmake -DPORT=ports/dinghy -DPACKAGES=folder -DBUILD=folder -P stand_ins.cmake
set(CURRENT_PACKAGES_DIR ${PACKAGES})
set(VCPKG_LIBRARY_LINKAGE static)

function(run)
  execute_process(COMMAND ${ARGN} COMMAND_ERROR_IS_FATAL ANY)
endfunction()

function(vcpkg_cmake_configure)
  cmake_parse_arguments(PARSE_ARGV 0 own "" "SOURCE_PATH" "OPTIONS")
  run(${CMAKE_COMMAND} -S ${own_SOURCE_PATH} -B ${BUILD} -DCMAKE_BUILD_TYPE=Release -DCMAKE_INSTALL_PREFIX=${PACKAGES}
      -DCMAKE_CXX_COMPILER_LAUNCHER=ccache -DDINGHY_ISAS=reference ${own_OPTIONS})
endfunction()

function(vcpkg_cmake_install)
  run(${CMAKE_COMMAND} --build ${BUILD} --parallel 2)
  run(${CMAKE_COMMAND} --install ${BUILD})
endfunction()

# Moves the package for CMake to share/NAME.
function(vcpkg_cmake_config_fixup)
  cmake_parse_arguments(PARSE_ARGV 0 own "" "CONFIG_PATH" "")
  file(GLOB files ${PACKAGES}/${own_CONFIG_PATH}/*.cmake)
  if(NOT files)
    message(FATAL_ERROR "no package for CMake in ${own_CONFIG_PATH}")
  endif()
endfunction()

function(vcpkg_fixup_pkgconfig)
  if(NOT EXISTS ${PACKAGES}/lib/pkgconfig/dinghy.pc)
    message(FATAL_ERROR "no package for pkg-config")
  endif()
endfunction()

function(vcpkg_install_copyright)
  cmake_parse_arguments(PARSE_ARGV 0 own "" "" "FILE_LIST")
  file(COPY ${own_FILE_LIST} DESTINATION ${PACKAGES}/share/dinghy)
endfunction()

include(${PORT}/portfile.cmake)
