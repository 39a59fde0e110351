# Converts the demo's checkpoint and runs the examples on it: C and C++ print the same, plausible scores.
#
# cmake -DDINGHY=dinghy -DDEMO=examples/demo -DEXAMPLES=folder of the programs -DWORK=folder -P check.cmake
function(run output)
  execute_process(COMMAND ${ARGN} OUTPUT_VARIABLE text COMMAND_ECHO STDOUT COMMAND_ERROR_IS_FATAL ANY)
  message("${text}")
  set(${output} "${text}" PARENT_SCOPE)
endfunction()

file(MAKE_DIRECTORY ${WORK})
set(model ${WORK}/demo.dinghy)
run(report ${DINGHY} convert ${DEMO}/checkpoint.pth --recipe ${DEMO}/recipe.toml --check ${DEMO}/golden.jsonl -o ${model})
run(from_cxx ${EXAMPLES}/embed_score ${model})
run(from_c ${EXAMPLES}/embed_score_c ${model})
if(NOT from_c STREQUAL from_cxx)
  message(FATAL_ERROR "the C example prints other scores than the C++ example")
endif()
# What `dinghy score` says of the same request. Item 65, for runners, is the one like the last item that was seen.
if(NOT from_cxx MATCHES "^item 289: 0\\.2228\nitem 65: 0\\.5992\nitem 195: 0\\.5537\n$")
  message(FATAL_ERROR "the examples print other scores than those of the trained demo")
endif()
# Threads score while the file is loaded anew.
file(WRITE ${WORK}/lines "\n\n")
run(reloaded ${EXAMPLES}/embed_reload ${model} INPUT_FILE ${WORK}/lines)
if(NOT reloaded STREQUAL "replaced\nreplaced\nall requests scored\n")
  message(FATAL_ERROR "the model was not replaced under load")
endif()
run(latency ${EXAMPLES}/demo_latency ${model})
if(NOT latency MATCHES "reference")
  message(FATAL_ERROR "the latencies leave out ISAs")
endif()

execute_process(COMMAND ${EXAMPLES}/embed_score_c no-such-file.dinghy RESULT_VARIABLE result ERROR_VARIABLE message)
if(NOT result EQUAL 1 OR NOT message MATCHES "^score: [^\n]+\n$")
  message(FATAL_ERROR "a model that is not there: status ${result}, '${message}'")
endif()
