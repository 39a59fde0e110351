# The engine defines exactly the C functions of c_api_symbols.txt: a program linked against an earlier engine still
# links, and no name without `dinghy` in it can meet one of the application's.
#
# cmake -DNM=nm -DLIBRARY=libdinghy_engine.a -DEXPECTED=c_api_symbols.txt -P c_api_symbols.cmake
execute_process(COMMAND ${NM} --defined-only --extern-only ${LIBRARY} OUTPUT_VARIABLE output COMMAND_ERROR_IS_FATAL ANY)
string(REGEX MATCHALL "[^\n]+" lines "${output}")
list(FILTER lines INCLUDE REGEX "^[0-9a-f]+ [A-Z] [a-zA-Z]")  # C++ names and those of the compiler begin with _
list(TRANSFORM lines REPLACE "^[0-9a-f]+ [A-Z] " "")
list(SORT lines)
file(STRINGS ${EXPECTED} expected)
if(NOT lines STREQUAL expected)
  set(missing ${expected})
  set(new ${lines})
  list(REMOVE_ITEM missing ${lines})
  list(REMOVE_ITEM new ${expected})
  message(FATAL_ERROR "gone from the C API (never remove one): ${missing}\n"
                      "not in ${EXPECTED} (add it there): ${new}")
endif()
