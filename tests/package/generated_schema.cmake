# schema/generated has what flatc makes of the schema as it is.
#
# cmake -DSOURCE=project -P generated_schema.cmake
foreach(schema model golden)
  file(SHA256 ${SOURCE}/schema/${schema}.fbs hash)
  file(STRINGS ${SOURCE}/schema/generated/${schema}_generated.h first LIMIT_COUNT 1)
  if(NOT first MATCHES "^// Of ${schema}\\.fbs with the SHA-256 ${hash}, ")
    message(SEND_ERROR "schema/generated/${schema}_generated.h is of another ${schema}.fbs: run scripts/generate-schema")
  endif()
endforeach()
