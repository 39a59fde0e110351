include(CMakeFindDependencyMacro)
find_dependency(dinghy)
include(${CMAKE_CURRENT_LIST_DIR}/shop.cmake)
