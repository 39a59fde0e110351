# dinghy_warnings(TARGET): the warnings that this project's own code keeps clean.
function(dinghy_warnings target)
  target_compile_options(${target} PRIVATE -Wall -Wextra -Wshadow -Wno-psabi $<$<BOOL:${DINGHY_WERROR}>:-Werror>)
endfunction()
