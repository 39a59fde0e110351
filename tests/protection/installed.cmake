# Installs the command to a fresh folder, and looks at what it loads and at whether it finds its helper.
#
# cmake -DCHECK=scripts/check-hardening -DBUILD=build -DCONFIG=Release -DCHECKPOINT=din.keras -DKERAS=1 -DWORK=folder
#       -P installed.cmake
function(run)
  execute_process(COMMAND ${ARGN} COMMAND_ECHO STDOUT COMMAND_ERROR_IS_FATAL ANY)
endfunction()

file(REMOVE_RECURSE ${WORK})
run(${CMAKE_COMMAND} --install ${BUILD} --config ${CONFIG} --component command --prefix ${WORK}/prefix)
run(${CMAKE_COMMAND} -DCHECK=${CHECK} -DFOLDER=${WORK}/prefix -P ${CMAKE_CURRENT_LIST_DIR}/paths.cmake)

set(dinghy ${WORK}/prefix/bin/dinghy)
execute_process(COMMAND ldd ${dinghy} OUTPUT_VARIABLE libraries COMMAND_ERROR_IS_FATAL ANY)
message("${libraries}")
if(libraries MATCHES "hdf5|curl|ldap|krb5|gssapi|rtmp|ssh2|nghttp2")
  message(FATAL_ERROR "dinghy loads ${CMAKE_MATCH_0}: libhdf5, and what it needs, belongs to dinghy-read-keras")
endif()

if(KERAS)
  # Neither PATH nor the current folder has a say in where the helper is.
  file(WRITE ${WORK}/other/dinghy-read-keras "#!/bin/sh\nexit 1\n")
  file(CHMOD ${WORK}/other/dinghy-read-keras PERMISSIONS OWNER_READ OWNER_WRITE OWNER_EXECUTE)
  set(convert ${CMAKE_COMMAND} -E env PATH=${WORK}/other:$ENV{PATH} ${dinghy} convert ${CHECKPOINT} -o m.dinghy)
  execute_process(COMMAND ${convert} WORKING_DIRECTORY ${WORK}/other COMMAND_ERROR_IS_FATAL ANY)
  file(GLOB helper ${WORK}/prefix/*/dinghy-read-keras)
  file(REMOVE ${helper})
  execute_process(COMMAND ${convert} WORKING_DIRECTORY ${WORK}/other RESULT_VARIABLE result ERROR_VARIABLE errors)
  if(NOT result EQUAL 1 OR NOT errors MATCHES "is read by .*/dinghy-read-keras, and that is not there")
    message(FATAL_ERROR "without its helper dinghy said: ${errors}")
  endif()
endif()
