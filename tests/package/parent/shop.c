#include <dinghy/dinghy.h>

int shop_has_engine(void);

int shop_has_engine(void) {
  dinghy_status status;
  dinghy_model* model;
  return dinghy_model_open("no-such-file.dinghy", &model, &status) == DINGHY_IO_ERROR;
}
