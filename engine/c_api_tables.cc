// The C API: tables of embeddings.
#include <cstddef>

#include "engine/c_api_handles.h"

using dinghy::c_api::report;
using dinghy::c_api::report_null;

dinghy_code dinghy_embedding_table_create(const dinghy_model* model, uint32_t feature, bool history,
                                          dinghy_embedding_table** table, dinghy_status* status) {
  if (table == nullptr) return report_null("table", status);
  *table = nullptr;
  if (model == nullptr) return report_null("model", status);
  using Side = dinghy::EmbeddingTable::Side;
  auto made = dinghy::EmbeddingTable::of(model->model, feature, history ? Side::history : Side::request);
  return dinghy::c_api::hand_over(made, table, status, [](dinghy_embedding_table&) noexcept { return true; });
}

void dinghy_embedding_table_free(dinghy_embedding_table* table) { dinghy::destroy(table); }

uint64_t dinghy_embedding_table_version(const dinghy_embedding_table* table) {
  return table == nullptr ? 0 : table->table.version();
}

uint64_t dinghy_embedding_table_rows(const dinghy_embedding_table* table) {
  return table == nullptr ? 0 : table->table.rows();
}

uint32_t dinghy_embedding_table_width(const dinghy_embedding_table* table) {
  return table == nullptr ? 0 : table->table.width();
}

const char* dinghy_embedding_table_encoding(const dinghy_embedding_table* table) {
  return table == nullptr ? "" : table->table.encoding();
}

size_t dinghy_embedding_table_row_bytes(const dinghy_embedding_table* table) {
  return table == nullptr ? 0 : table->table.row_bytes();
}

const void* dinghy_embedding_table_row(const dinghy_embedding_table* table, uint64_t number) {
  return table == nullptr ? nullptr : table->table.row(number).data();
}

size_t dinghy_embedding_table_block_size(const dinghy_embedding_table* table, size_t count) {
  return table == nullptr ? 0 : table->table.block_size(count);
}

dinghy_code dinghy_embedding_table_write(const dinghy_embedding_table* table, const dinghy_column* keys, void* block,
                                         size_t block_size, uint32_t* which, size_t* written, dinghy_status* status) {
  if (written == nullptr) return report_null("written", status);
  *written = 0;
  if (table == nullptr) return report_null("table", status);
  if (keys == nullptr) return report_null("keys", status);
  if (block == nullptr) return report_null("block", status);
  if (which == nullptr && keys->size > 0) return report_null("which", status);
  if (dinghy::Status wrong = dinghy::c_api::check(*keys); !wrong) return report(wrong, status);
  const auto result = table->table.write(dinghy::c_api::column_of(*keys), {static_cast<std::byte*>(block), block_size},
                                         {which, keys->size});
  if (result.ok()) *written = *result;
  return report(result.status(), status);
}
