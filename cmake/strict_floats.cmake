# Floats are IEEE 754's in everything that this project compiles, whatever the application around it asks of its own code:
# the checks of hostile files and requests look for NaN, and the kernels' results are compared bit for bit. These stand
# behind CMAKE_CXX_FLAGS and the application's add_compile_options(); what they do not undo, schema/finite.h refuses.
add_compile_options(-fno-fast-math -fno-unsafe-math-optimizations -fno-finite-math-only -fno-associative-math
  -fno-reciprocal-math -fsigned-zeros)
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  add_compile_options(-ftrapping-math -fno-allow-store-data-races)  # -Ofast allows a store where the source has none
endif()
