// What the test of the C API lets a C compiler do.
#pragma once

#include "dinghy/dinghy.h"

#ifdef __cplusplus
extern "C" {
#endif

/// The ids of one request for the default random network (random_network.h).
struct c_request {
  int64_t user;
  const int64_t* history_items;
  const int64_t* history_fields;
  size_t history;
  const int64_t* shops;
  const int64_t* items;
  const int64_t* fields;
  size_t candidates;
};

/// Opens the model and scores the request on `isa`; `attention` has candidates * history numbers.
dinghy_code c_score(const char* path, const char* isa, const struct c_request* request, float* scores, float* attention,
                    dinghy_status* status);

#ifdef __cplusplus
}
#endif
