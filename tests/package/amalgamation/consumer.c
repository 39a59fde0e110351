/* A program that has the engine's files in its own folder: the golden rows of a model, on every ISA. */
#include <stdio.h>

#include "dinghy.h"

int main(int argc, char** argv) {
  dinghy_status status;
  dinghy_model* model;
  if (argc != 2 || dinghy_model_open(argv[1], &model, &status) != DINGHY_OK) {
    fprintf(stderr, "consumer: %s\n", argc == 2 ? status.message : "give a model");
    return 1;
  }
  int failed = 0;
  for (size_t i = 0; dinghy_isa_name(i) != NULL; ++i) {
    if (!dinghy_isa_available(i)) continue;
    const dinghy_code code = dinghy_model_selftest(model, dinghy_isa_name(i), &status);
    printf("%s: %s\n", dinghy_isa_name(i), code == DINGHY_OK ? "right" : status.message);
    failed = failed || code != DINGHY_OK;
  }
  dinghy_model_free(model);
  return failed;
}
