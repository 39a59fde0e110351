# What `cmake --install` puts where: component `engine` (headers, libraries, CMake and pkg-config packages), component
# `command` (the `dinghy` command, and the program that reads files of Keras for it). The engine's users need nothing of
# what it is made with: no xsimd, no FlatBuffers.
include(GNUInstallDirs)
include(CMakePackageConfigHelpers)

set(libraries dinghy_engine)
set_target_properties(dinghy_engine PROPERTIES EXPORT_NAME engine)
if(DINGHY_SHARED)
  list(APPEND libraries dinghy_shared)
  set_target_properties(dinghy_shared PROPERTIES EXPORT_NAME shared)
endif()
install(TARGETS ${libraries} EXPORT dinghy COMPONENT engine
        ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR} LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR})
install(DIRECTORY engine/include/dinghy DESTINATION ${CMAKE_INSTALL_INCLUDEDIR} COMPONENT engine)

set(package_dir ${CMAKE_INSTALL_LIBDIR}/cmake/dinghy)
write_basic_package_version_file(${PROJECT_BINARY_DIR}/dinghyConfigVersion.cmake COMPATIBILITY SameMinorVersion)
install(EXPORT dinghy NAMESPACE dinghy:: FILE dinghyConfig.cmake DESTINATION ${package_dir} COMPONENT engine)
install(FILES ${PROJECT_BINARY_DIR}/dinghyConfigVersion.cmake DESTINATION ${package_dir} COMPONENT engine)

# Relative, so that the prefix of `cmake --install` counts, and an installed folder can be moved.
file(RELATIVE_PATH prefix_from_package ${CMAKE_INSTALL_FULL_LIBDIR}/pkgconfig ${CMAKE_INSTALL_PREFIX})
# dinghy_pkg_config(NAME NEEDS LIBRARIES FLAGS): the file NAME.pc.
function(dinghy_pkg_config name needs libraries flags)
  configure_file(cmake/dinghy.pc.in ${PROJECT_BINARY_DIR}/${name}.pc @ONLY)
  install(FILES ${PROJECT_BINARY_DIR}/${name}.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig COMPONENT engine)
endfunction()
dinghy_pkg_config(dinghy "needs C++20" "-ldinghy_engine -lm" "")
if(DINGHY_SHARED)
  dinghy_pkg_config(dinghy-shared "the functions of dinghy.h as a shared library" -ldinghy -DDINGHY_SHARED)
endif()

# What is compiled into the engine, as SPDX; scripts/amalgamate writes the same for its files.
set(dinghy_version ${PROJECT_VERSION})
foreach(library xsimd FlatBuffers)
  string(TOLOWER ${library} lower)
  set(${lower}_version ${dinghy_${library}_pinned})
  if(${library}_FOUND)
    set(${lower}_version ${${library}_VERSION})
  endif()
endforeach()
set(flatbuffers_tag v${flatbuffers_version})
string(TIMESTAMP created UTC)  # SOURCE_DATE_EPOCH where that is set
configure_file(cmake/dinghy.spdx.json.in ${PROJECT_BINARY_DIR}/dinghy.spdx.json @ONLY)
install(FILES ${PROJECT_BINARY_DIR}/dinghy.spdx.json DESTINATION ${CMAKE_INSTALL_DATADIR}/dinghy COMPONENT engine)

if(DINGHY_BUILD_CONVERTER)
  install(TARGETS dinghy COMPONENT command)
  if(TARGET dinghy-read-keras)
    install(TARGETS dinghy-read-keras COMPONENT command RUNTIME DESTINATION ${CMAKE_INSTALL_LIBEXECDIR})
  endif()
endif()
