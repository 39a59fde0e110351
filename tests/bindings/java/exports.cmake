# The names that the native library defines for others.
#
# cmake -DNM=… -DLIBRARY=… -P exports.cmake
execute_process(COMMAND ${NM} -D --defined-only ${LIBRARY} OUTPUT_VARIABLE symbols COMMAND_ERROR_IS_FATAL ANY)
string(REGEX MATCHALL "[^ \n]+\n" names "${symbols}")
list(TRANSFORM names STRIP)
list(FIND names Java_dinghy_Native_score score)
list(FILTER names EXCLUDE REGEX "^(Java_dinghy_Native_[A-Za-z]+|JNI_OnLoad)$")
if(score EQUAL -1 OR names)
  message(FATAL_ERROR "${LIBRARY} exports other names than JNI's functions: ${names}")
endif()
