# Counters in the code that reads files from elsewhere, and in nothing else: the rest is the build of the preset release.
function(dinghy_count_lines target pattern)
  get_target_property(sources ${target} SOURCES)
  get_target_property(folder ${target} SOURCE_DIR)
  list(FILTER sources INCLUDE REGEX ${pattern})
  list(TRANSFORM sources PREPEND ${folder}/)
  # -O0: a line that is moved or joined with another is not counted as itself.
  set_property(SOURCE ${sources} TARGET_DIRECTORY ${target} APPEND PROPERTY COMPILE_OPTIONS --coverage -O0)
  target_link_options(${target} INTERFACE --coverage)
  # gcov needs the notes of this very compilation; a cache has brought those of another.
  set_property(TARGET ${target} PROPERTY CXX_COMPILER_LAUNCHER "")
endfunction()

dinghy_count_lines(dinghy_engine "^(format|platform)/")
dinghy_count_lines(dinghy_readers "^readers/")
if(TARGET dinghy-read-keras)
  dinghy_count_lines(dinghy_keras "^readers/")
  dinghy_count_lines(dinghy-read-keras "^readers/")
  # It ends without writing counts, unless it is told.
  set_property(SOURCE ${PROJECT_SOURCE_DIR}/converter/readers/keras/read_keras_main.cc TARGET_DIRECTORY dinghy-read-keras
    APPEND PROPERTY COMPILE_DEFINITIONS DINGHY_COUNTS_LINES)
endif()
