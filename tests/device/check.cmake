# Runs dinghy-device as a user would, also wrongly.
#
# cmake -DDEVICE=[EMULATOR;…;]PROGRAM -DMODELS=FOLDER -DWORK=FOLDER -P check.cmake
list(REMOVE_ITEM DEVICE "")
file(GLOB models ${MODELS}/*.dinghy)
list(LENGTH models count)
if(count LESS 40)
  message(FATAL_ERROR "${MODELS} has ${count} models: run the tests of a build with a converter first")
endif()
list(GET models 0 model)

# expect(STATUS TEXT ARGUMENT...): what a command ends with, and a part of what it says.
function(expect status text)
  execute_process(COMMAND ${DEVICE} ${ARGN} RESULT_VARIABLE result OUTPUT_VARIABLE output ERROR_VARIABLE output)
  string(FIND "${output}" "${text}" place)
  if(NOT result EQUAL status OR place EQUAL -1)
    message(FATAL_ERROR "dinghy-device ${ARGN}: ended with ${result}, not ${status}, or does not say '${text}':\n${output}")
  endif()
endfunction()

expect(0 "reference" isas)
expect(0 "verify: right" verify ${model})
expect(0 "reference: right" selftest --isa reference ${model})
expect(0 "p99" bench --seconds 0.01 --candidates 5 --history 7 --isa reference ${model})
expect(2 "usage:")
expect(2 "no MODEL for 'verify'" verify)
expect(2 "no command 'score'" score ${model})
expect(2 "'--isa'" selftest ${model} --isa)
expect(2 "'--candidates'" bench ${model} --candidates -1)
expect(2 "'--seconds'" bench ${model} --seconds never)
expect(2 "no .dinghy file in the folder" verify ${CMAKE_CURRENT_LIST_DIR})
expect(1 "no-such.dinghy" verify ${WORK}/no-such.dinghy)
expect(1 "there is no ISA 'mmx'" selftest --isa mmx ${model})

# The last byte of a file is one of its golden rows or of a table: a file that is cut is not even opened.
file(SIZE ${model} size)
math(EXPR half "${size} / 2")
file(COPY_FILE ${model} ${WORK}/cut.dinghy)
execute_process(COMMAND truncate -s ${half} ${WORK}/cut.dinghy)
expect(1 "cut.dinghy" verify ${WORK}/cut.dinghy ${model})
