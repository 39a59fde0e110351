/* A program for Windows with the engine as a DLL, and a model whose path no code page spells. */
#include <stdio.h>

#include "dinghy.h"

static const char path[] = "Modell für 模型.dinghy";

int main(void) {
  FILE* file = fopen(path, "rb"); /* which takes the machine's code page */
  if (file != NULL) {
    fclose(file);
    fputs("consumer: the code page spells the path, so nothing is shown\n", stderr);
    return 1;
  }
  dinghy_status status;
  dinghy_model* model;
  if (dinghy_model_open(path, &model, &status) != DINGHY_OK) {
    fprintf(stderr, "consumer: %s\n", status.message);
    return 1;
  }
  const dinghy_code code = dinghy_model_selftest(model, NULL, &status);
  puts(code == DINGHY_OK ? "right" : status.message);
  dinghy_model_free(model);
  return code != DINGHY_OK;
}
