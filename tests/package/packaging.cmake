# packaging/ and bindings/ repeat the project's version and the functions of the C interface; here they are compared.
#
# cmake -DSOURCE=project -DVERSION=version -P packaging.cmake
set(packaging ${SOURCE}/packaging)

file(READ ${packaging}/debian/changelog changelog)
if(NOT changelog MATCHES "^dinghy \\(${VERSION}-[0-9]+\\)")
  message(SEND_ERROR "packaging/debian/changelog does not begin with version ${VERSION}")
endif()

file(READ ${packaging}/vcpkg/ports/dinghy/vcpkg.json port)
file(READ ${packaging}/vcpkg/versions/baseline.json baseline)
file(READ ${packaging}/vcpkg/versions/d-/dinghy.json versions)
string(JSON port GET "${port}" version)
string(JSON baseline GET "${baseline}" default dinghy baseline)
string(JSON newest GET "${versions}" versions 0 version)
foreach(file port baseline newest)
  if(NOT ${file} STREQUAL VERSION)
    message(SEND_ERROR "packaging/vcpkg: ${file} is of version ${${file}}, the project of ${VERSION}")
  endif()
endforeach()

file(READ ${SOURCE}/bindings/java/pom.xml pom)
if(NOT pom MATCHES "<artifactId>dinghy</artifactId>[ \n]*<version>${VERSION}</version>")
  message(SEND_ERROR "bindings/java/pom.xml is not of version ${VERSION}")
endif()

file(STRINGS ${SOURCE}/tests/engine/c_api_symbols.txt expected)
file(STRINGS ${packaging}/debian/libdinghy0.symbols symbols REGEX "^ dinghy_")
list(TRANSFORM symbols REPLACE "^ (dinghy_[a-z0-9_]+)@.*" "\\1")
if(NOT symbols STREQUAL expected)
  message(SEND_ERROR "packaging/debian/libdinghy0.symbols has other functions than tests/engine/c_api_symbols.txt")
endif()
