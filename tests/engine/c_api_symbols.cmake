# The engine defines exactly the C functions of c_api_symbols.txt: a program linked against an earlier engine still
# links, and no name without `dinghy` in it can meet one of the application's. A shared library of it exports them and
# nothing else.
#
# cmake -DNM=nm -DLIBRARY=libdinghy_engine.a -DSHARED=libdinghy_shared.so -DEXPECTED=c_api_symbols.txt -P c_api_symbols.cmake
file(STRINGS ${EXPECTED} expected)

# compare(WHAT PATTERN COMMAND...): the names in the output that match are the expected ones.
function(compare what pattern)
  execute_process(COMMAND ${ARGN} OUTPUT_VARIABLE output COMMAND_ERROR_IS_FATAL ANY)
  string(REGEX MATCHALL "[^\n]+" lines "${output}")
  list(FILTER lines INCLUDE REGEX "^[0-9a-f]+ [A-Zu] ${pattern}")
  list(TRANSFORM lines REPLACE "^[0-9a-f]+ [A-Zu] " "")
  list(SORT lines)
  if(NOT lines STREQUAL expected)
    set(missing ${expected})
    set(new ${lines})
    list(REMOVE_ITEM missing ${lines})
    list(REMOVE_ITEM new ${expected})
    message(FATAL_ERROR "${what}: gone from the C API (never remove one): ${missing}\n"
                        "not in ${EXPECTED} (add it there): ${new}")
  endif()
endfunction()

# C++ names and those of the compiler begin with _.
compare("the static library" "[a-zA-Z]" ${NM} --defined-only --extern-only ${LIBRARY})
compare("the shared library" "(_Z|[a-zA-Z])" ${NM} --dynamic --defined-only ${SHARED})
