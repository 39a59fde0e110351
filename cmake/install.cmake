# What `cmake --install` puts where: component `engine` (headers, library, CMake and pkg-config packages), component
# `command` (the `dinghy` command, and the program that reads files of Keras for it). The engine's users need nothing of
# what it is made with: no xsimd, no FlatBuffers.
include(GNUInstallDirs)
include(CMakePackageConfigHelpers)

set_target_properties(dinghy_engine PROPERTIES EXPORT_NAME engine)
install(TARGETS dinghy_engine EXPORT dinghy COMPONENT engine
        ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR} LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR})
install(DIRECTORY engine/include/dinghy DESTINATION ${CMAKE_INSTALL_INCLUDEDIR} COMPONENT engine)

set(package_dir ${CMAKE_INSTALL_LIBDIR}/cmake/dinghy)
write_basic_package_version_file(${PROJECT_BINARY_DIR}/dinghyConfigVersion.cmake COMPATIBILITY SameMinorVersion)
install(EXPORT dinghy NAMESPACE dinghy:: FILE dinghyConfig.cmake DESTINATION ${package_dir} COMPONENT engine)
install(FILES ${PROJECT_BINARY_DIR}/dinghyConfigVersion.cmake DESTINATION ${package_dir} COMPONENT engine)

# Relative, so that the prefix of `cmake --install` counts, and an installed folder can be moved.
file(RELATIVE_PATH prefix_from_package ${CMAKE_INSTALL_FULL_LIBDIR}/pkgconfig ${CMAKE_INSTALL_PREFIX})
configure_file(cmake/dinghy.pc.in ${PROJECT_BINARY_DIR}/dinghy.pc @ONLY)
install(FILES ${PROJECT_BINARY_DIR}/dinghy.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig COMPONENT engine)

if(DINGHY_BUILD_CONVERTER)
  install(TARGETS dinghy COMPONENT command)
  if(TARGET dinghy-read-keras)
    install(TARGETS dinghy-read-keras COMPONENT command RUNTIME DESTINATION ${CMAKE_INSTALL_LIBEXECDIR})
  endif()
endif()
