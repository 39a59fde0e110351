# The port of the tree that it lies in.
get_filename_component(SOURCE_PATH "${CMAKE_CURRENT_LIST_DIR}/../../../.." ABSOLUTE)

# libdinghy has the functions of dinghy.h alone; C++ links the static library, which is there in both cases.
string(COMPARE EQUAL "${VCPKG_LIBRARY_LINKAGE}" "dynamic" DINGHY_SHARED)

vcpkg_cmake_configure(
  SOURCE_PATH "${SOURCE_PATH}"
  OPTIONS
    -DDINGHY_BUILD_CONVERTER=OFF
    -DDINGHY_BUILD_TESTS=OFF
    -DDINGHY_BUILD_BENCH=OFF
    -DDINGHY_BUILD_DEVICE=OFF
    -DDINGHY_BUILD_EXAMPLES=OFF
    -DDINGHY_SHARED=${DINGHY_SHARED}
    -DFETCHCONTENT_FULLY_DISCONNECTED=ON)
vcpkg_cmake_install()
vcpkg_cmake_config_fixup(CONFIG_PATH lib/cmake/dinghy)
vcpkg_fixup_pkgconfig()

file(REMOVE_RECURSE "${CURRENT_PACKAGES_DIR}/debug/include" "${CURRENT_PACKAGES_DIR}/debug/share")
vcpkg_install_copyright(FILE_LIST "${SOURCE_PATH}/LICENSE")
