# What the engine's library wants from elsewhere is libc's and libm's: an application in C links without a C++ runtime.
#
# cmake -DNM=nm -DLIBRARY=libdinghy_engine.a -P library_needs.cmake
execute_process(COMMAND ${NM} ${LIBRARY} OUTPUT_VARIABLE output COMMAND_ERROR_IS_FATAL ANY)
string(REGEX MATCHALL "[^\n]+" lines "${output}")
set(wanted ${lines})
list(FILTER wanted INCLUDE REGEX "^ +U ")
list(TRANSFORM wanted REPLACE "^ +U " "")
list(REMOVE_DUPLICATES wanted)
list(LENGTH wanted count)
if(count LESS 20)  # the amalgamation is a few objects, which want less from each other
  message(FATAL_ERROR "${NM} shows ${count} symbols that ${LIBRARY} wants: ${output}")
endif()
list(FILTER lines INCLUDE REGEX "^[0-9a-f]+ [A-Zuvwi] ")
list(TRANSFORM lines REPLACE "^[0-9a-f]+ . " "")
list(REMOVE_ITEM wanted ${lines})
list(FILTER wanted INCLUDE REGEX "^_+(Z|cxa_|gxx_)")
if(wanted)
  list(JOIN wanted "\n  " names)
  message(SEND_ERROR "wanted from the C++ runtime:\n  ${names}")
endif()
