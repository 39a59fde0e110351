# foreign_libraries(VARIABLE FOLDER): libraries come from the folder that scripts/foreign-libraries has filled,
# build/FOLDER unless VARIABLE names another. Header-only packages come from the machine itself, and so does flatc, which
# runs on it: its CMake package lies in a folder of the machine's own architecture, where a cross build does not look.
macro(foreign_libraries variable folder)
  if(NOT ${variable})
    set(${variable} ${CMAKE_CURRENT_LIST_DIR}/../../build/${folder})
  endif()
  get_filename_component(${variable} ${${variable}} ABSOLUTE)
  list(APPEND CMAKE_TRY_COMPILE_PLATFORM_VARIABLES ${variable})
  set(CMAKE_FIND_ROOT_PATH ${${variable}})
  set(CMAKE_FIND_ROOT_PATH_MODE_PROGRAM NEVER)
  set(CMAKE_FIND_ROOT_PATH_MODE_LIBRARY ONLY)
  set(CMAKE_FIND_ROOT_PATH_MODE_PACKAGE BOTH)
  file(GLOB FlatBuffers_DIR /usr/lib/*/cmake/flatbuffers)
endmacro()
