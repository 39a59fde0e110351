# What the engine's library defines for the linker has names of its own: the FlatBuffers and the xsimd inside it must not
# meet another version of them in the application. Nothing is unique to the process either (STB_GNU_UNIQUE), which would
# keep a plugin from being unloaded. Names of std:: are the C++ runtime's, in every program once.
#
# cmake -DNM=nm -DLIBRARY=libdinghy_engine.a -P library_symbols.cmake
execute_process(COMMAND ${NM} --defined-only ${LIBRARY} OUTPUT_VARIABLE output COMMAND_ERROR_IS_FATAL ANY)
string(REGEX MATCHALL "[^\n]+" lines "${output}")
list(FILTER lines INCLUDE REGEX "^[0-9a-f]+ [A-Zuvwi] ")
list(LENGTH lines count)
if(count LESS 100)
  message(FATAL_ERROR "${NM} shows ${count} symbols of ${LIBRARY}: ${output}")
endif()

set(unique ${lines})
list(FILTER unique INCLUDE REGEX "^[0-9a-f]+ u ")
if(unique)
  list(JOIN unique "\n  " names)
  message(SEND_ERROR "unique in the process:\n  ${names}")
endif()

# By their outermost namespace; and what the compiler adds by itself.
list(FILTER lines EXCLUDE REGEX " (dinghy_|_Z[A-Z]*[0-9]+dinghy|_Z[A-Z]*S[tabsiod]|_Z[A-Z]*9__gnu_cxx)")
list(FILTER lines EXCLUDE REGEX " (DW\\.ref\\.|__x86\\.get_pc_thunk|_+(asan|odr_asan|sanitizer|ubsan|clang)[_.])")
if(lines)
  list(JOIN lines "\n  " names)
  message(SEND_ERROR "names that may be the application's too:\n  ${names}")
endif()
