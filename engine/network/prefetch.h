// Pages of tables, before they are needed (Model::prefetch, Model::pin).
#pragma once

#include "dinghy/columns.h"
#include "engine/network/network.h"

namespace dinghy::network {

Status prefetch(const Model& model, Columns columns) noexcept;
Status pin(const Model& model, Columns columns) noexcept;

}  // namespace dinghy::network
