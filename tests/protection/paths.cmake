# Each program and shared library of a folder names only absolute folders for its libraries, or those beside it.
#
# cmake -DCHECK=scripts/check-hardening -DFOLDER=folder -P paths.cmake
file(GLOB_RECURSE files ${FOLDER}/*)
list(FILTER files EXCLUDE REGEX "/CMakeFiles/|\\.(o|a|cmake|ninja|d|h|gcda|gcno)$")
set(programs "")
foreach(file IN LISTS files)
  file(READ ${file} magic LIMIT 17 HEX)
  if(magic MATCHES "^7f454c46........................0[23]")  # ELF; a program or a shared library
    list(APPEND programs ${file})
  endif()
endforeach()
if(NOT programs)
  message(FATAL_ERROR "no program is in ${FOLDER}")
endif()
execute_process(COMMAND ${CHECK} --only path ${programs} RESULT_VARIABLE failed)
if(failed)
  message(FATAL_ERROR "a program looks for libraries in a folder of whoever starts it")
endif()
