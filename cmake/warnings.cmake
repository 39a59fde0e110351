# dinghy_warnings(TARGET): the warnings that this project's own code keeps clean.
function(dinghy_warnings target)
  target_compile_options(${target} PRIVATE -Wall -Wextra -Wshadow -Wno-psabi $<$<BOOL:${DINGHY_WERROR}>:-Werror>)
  # GCC 12 and 13 see an overlap in "text" + std::string() that is not there (their bug 105651).
  if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU" AND CMAKE_CXX_COMPILER_VERSION VERSION_LESS 14)
    target_compile_options(${target} PRIVATE -Wno-restrict)
  endif()
  # libstdc++ 12's own stable_sort calls what it marks as deprecated; GCC does not say so.
  if(CMAKE_CXX_COMPILER_ID STREQUAL "Clang")
    target_compile_options(${target} PRIVATE -Wno-deprecated-declarations)
  endif()
endfunction()
