# Each of the ways in which a conversion goes wrong in silence (docs/checkpoints.md) has a test named after it, and each
# test that the page names is there.
#
# cmake -DSOURCE=root of the repository -P traps.cmake
set(count 53)

set(tests "")
file(GLOB_RECURSE files ${SOURCE}/tests/*_test.cc)
foreach(file ${files})
  file(READ ${file} text)
  string(REGEX REPLACE "\"[ \n]+\"" "" text "${text}")  # a long name may be written in two pieces
  string(REPLACE ";" "," text "${text}")  # which CMake takes for the end of an element
  string(REGEX MATCHALL "TEST_CASE\\([ \n]*\"Trap [0-9]+: [^\"]+\"" found "${text}")
  list(APPEND tests ${found})
endforeach()

file(READ ${SOURCE}/docs/checkpoints.md page)
string(REPLACE ";" "," page "${page}")
set(wrong "")
foreach(trap RANGE 1 ${count})
  if(NOT tests MATCHES "\"Trap ${trap}: ")
    string(APPEND wrong "\n  trap ${trap} has no test named \"Trap ${trap}: …\"")
  endif()
  if(NOT page MATCHES "\n\\| ${trap} \\|[^\n]*\"[^\n]+\" \\|\n")
    string(APPEND wrong "\n  docs/checkpoints.md has no row of trap ${trap} that names a test")
  endif()
  string(REGEX MATCH "\n\\| ${trap} \\|[^\n]*" row "${page}")
  string(REGEX MATCHALL "\"[^\"]+\"" names "${row}")
  foreach(name ${names})
    string(REPLACE "\"" "" name "${name}")
    string(FIND "${tests}" "\"Trap ${trap}: ${name}\"" place)
    if(place EQUAL -1)
      string(APPEND wrong "\n  docs/checkpoints.md names a test of trap ${trap} that there is not: ${name}")
    endif()
  endforeach()
endforeach()
if(wrong)
  message(FATAL_ERROR "Traps without a test:${wrong}")
endif()
