// The same in C, without a C++ runtime.
#include <dinghy/dinghy.h>
#include <stdio.h>
#include <string.h>

int main(void) {
  dinghy_status status;
  dinghy_model* model;
  if (strcmp(dinghy_version(), DINGHY_VERSION) != 0) return 1;
  for (size_t i = 0; dinghy_isa_name(i) != NULL; ++i) puts(dinghy_isa_name(i));
  dinghy_model_open("no-such-file.dinghy", &model, &status);
  puts(status.message);
  return status.code == DINGHY_IO_ERROR ? 0 : 1;
}
