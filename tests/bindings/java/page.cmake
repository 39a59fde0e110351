# Runs the first program of docs/java.md, as it stands there, in an empty folder.
#
# cmake -DPAGE=… -DJAVA=… -DJAR=… -DMODEL=… -DWORK=… -P page.cmake
file(READ ${PAGE} page)
string(FIND "${page}" "```java\nimport dinghy" begin)
if(begin EQUAL -1)
  message(FATAL_ERROR "${PAGE} has no program that begins with an import")
endif()
math(EXPR begin "${begin} + 8")
string(SUBSTRING "${page}" ${begin} -1 program)
string(FIND "${program}" "\n```" end)
string(SUBSTRING "${program}" 0 ${end} program)

file(REMOVE_RECURSE ${WORK})
file(MAKE_DIRECTORY ${WORK})
file(WRITE ${WORK}/Shop.java "${program}\n")
file(COPY_FILE ${MODEL} ${WORK}/shop.dinghy)
execute_process(COMMAND ${JAVA} -cp ${JAR} Shop.java WORKING_DIRECTORY ${WORK}
  OUTPUT_VARIABLE output ERROR_VARIABLE output RESULT_VARIABLE status)
if(NOT status EQUAL 0 OR NOT output MATCHES "^\\[0\\.7040[0-9]*, 0\\.[0-9]+, 0\\.[0-9]+\\]\n$")
  message(FATAL_ERROR "the program of ${PAGE} ended with ${status}: ${output}")
endif()
