# dinghy_amalgamation(SOURCES): the engine's sources as scripts/amalgamate writes them, of the chosen ISAs.
find_package(Python3 REQUIRED COMPONENTS Interpreter)

function(dinghy_amalgamation sources)
  set(folder ${CMAKE_CURRENT_BINARY_DIR}/amalgamation)
  set(generated ${PROJECT_BINARY_DIR}/schema)
  set(names dinghy)
  foreach(isa IN LISTS dinghy_chosen_isas)
    list(APPEND names dinghy_${isa})
  endforeach()
  list(TRANSFORM names REPLACE "(.+)" "${folder}/\\1.cc" OUTPUT_VARIABLE files)
  file(GLOB_RECURSE inputs CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/engine/*.cc ${PROJECT_SOURCE_DIR}/engine/*.h
       ${PROJECT_SOURCE_DIR}/schema/*.h)
  set(includes $<TARGET_PROPERTY:dinghy_header_libraries,INTERFACE_INCLUDE_DIRECTORIES>)
  add_custom_command(
    OUTPUT ${files}
    COMMAND ${Python3_EXECUTABLE} ${PROJECT_SOURCE_DIR}/scripts/amalgamate ${folder} --generated ${generated}
            --include "$<JOIN:${includes},;--include;>"
    DEPENDS ${inputs} ${PROJECT_SOURCE_DIR}/scripts/amalgamate ${PROJECT_SOURCE_DIR}/cmake/isa.cmake ${PROJECT_SOURCE_DIR}/cmake/dinghy.spdx.json.in
            ${CMAKE_CURRENT_SOURCE_DIR}/CMakeLists.txt ${generated}/model_generated.h ${generated}/golden_generated.h
    COMMAND_EXPAND_LISTS
    VERBATIM)
  foreach(processor IN LISTS dinghy_found)
    foreach(isa IN LISTS dinghy_isas_${processor})
      if(NOT isa IN_LIST dinghy_chosen_isas)
        string(TOUPPER DINGHY_WITHOUT_${isa} definition)
        set_property(SOURCE ${folder}/dinghy.cc APPEND PROPERTY COMPILE_DEFINITIONS ${definition})
      endif()
    endforeach()
  endforeach()
  set(${sources} ${files} PARENT_SCOPE)
endfunction()
