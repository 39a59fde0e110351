#include "converter/remote/remote_tables.h"

#include <algorithm>
#include <charconv>
#include <map>
#include <memory>
#include <optional>

#include "converter/error.h"
#include "converter/packed_rows.h"
#include "converter/readers/storage.h"
#include "converter/requests/requests.h"
#include "converter/table_form.h"
#include "converter/text/number_text.h"
#include "converter/text/quotes.h"
#include "converter/text/suggestion.h"
#include "converter/text/text_lines.h"
#include "dinghy/embedding_table.h"

namespace dinghy::converter {
namespace {

/// The rows of one remote table that stay on the device, by the keys that find them there.
class LocalRows {
 public:
  LocalRows(EmbeddingTable whole, const Table& table) : whole_(std::move(whole)), table_(table) {
    number(0);  // a table has a row
    if (table.missing == format::MissingId::row) number(table.missing_row);
  }

  /// The row that row `of_whole` is on the device.
  std::uint64_t number(std::uint64_t of_whole) {
    const auto [place, is_new] = numbers_.try_emplace(of_whole, rows_.size());
    if (is_new) rows_.push_back(of_whole);
    return place->second;
  }

  /// Keeps the rows of all values of a column; returns how many have none of their own.
  std::size_t keep(const Column& keys) {
    std::size_t missing = 0;
    for (std::size_t i = 0; i < keys.size(); ++i) {
      const std::optional<std::uint64_t> row = whole_.find(keys, i);
      // An id without a row of its own stays one: the device gives it the same row, and counts it.
      if (!row || (table_.missing == format::MissingId::row && *row == table_.missing_row)) {
        ++missing;
        continue;
      }
      if (keys.kind() == Column::Kind::strings) {
        strings_.try_emplace(std::string(keys.string(i)), number(*row));
      } else {
        ids_.try_emplace(keys.id(i), number(*row));
      }
    }
    return missing;
  }

  Vocabulary vocabulary() const {
    Vocabulary vocabulary{.name = table_.name, .int64_rows = {}, .string_rows = {}};
    vocabulary.int64_rows.assign(ids_.begin(), ids_.end());
    vocabulary.string_rows.assign(strings_.begin(), strings_.end());
    return vocabulary;
  }

  Table table(int vocabulary) {
    Table table = table_;
    table.source = tensor();
    table.first_id = 0;
    table.vocabulary = vocabulary;
    table.hash = format::IdHash::none;
    table.hash_buckets = 0;
    // The nearest of some rows is not the nearest of all.
    if (table.missing == format::MissingId::clamp) table.missing = format::MissingId::fail;
    table.missing_row = table.missing == format::MissingId::row ? number(table_.missing_row) : 0;
    table.remote_rows = whole_.rows();
    table.remote_version = whole_.version();
    return table;
  }

  std::uint64_t rows() const { return rows_.size(); }
  const EmbeddingTable& whole() const { return whole_; }

 private:
  /// The rows as the whole model has them, byte by byte.
  Tensor tensor() const {
    std::vector<std::byte> bytes;
    for (const std::uint64_t row : rows_) {
      const auto from = whole_.row(row);
      bytes.insert(bytes.end(), from.begin(), from.end());
    }
    const format::RowForm form = form_of(table_);
    const bool is_float = form == format::RowForm::f32 || form == format::RowForm::f16;
    Tensor tensor;
    tensor.name = table_.source.name;
    tensor.dtype = form == format::RowForm::f32 ? DType::f32 : is_float ? DType::f16 : DType::u8;
    const auto columns = static_cast<std::int64_t>(is_float ? whole_.width() : whole_.row_bytes());
    tensor.shape = {static_cast<std::int64_t>(rows_.size()), columns};
    tensor.strides = {columns, 1};
    tensor.storage = std::make_shared<BufferStorage>(std::move(bytes));
    return is_float ? tensor : unpacked(tensor, form, whole_.width());
  }

  EmbeddingTable whole_;
  const Table& table_;
  std::map<std::uint64_t, std::uint64_t> numbers_;  // of the whole table -> on the device
  std::vector<std::uint64_t> rows_;                 // of the whole table, in the order of the device
  std::map<std::int64_t, std::uint64_t> ids_;
  std::map<std::string, std::uint64_t, std::less<>> strings_;
};

using RemoteRows = std::map<int, LocalRows>;  // by table

/// The table of a feature's values on one side of a request; -1: it has none there.
int table_of(const Feature& feature, EmbeddingTable::Side side) {
  if (side == EmbeddingTable::Side::history) return feature.sequence < 0 ? -1 : feature.history_table;
  return feature.role == format::Role::history ? -1 : feature.table;
}

constexpr EmbeddingTable::Side kSides[] = {EmbeddingTable::Side::request, EmbeddingTable::Side::history};

std::size_t feature_named(const Network& network, const std::string& name, const std::string& where) {
  std::vector<std::string> names;
  for (const Feature& feature : network.features) {
    if (feature.kind != format::FeatureKind::dense) names.push_back(feature.name);
    if (feature.name == name && feature.kind != format::FeatureKind::dense) {
      return static_cast<std::size_t>(&feature - network.features.data());
    }
  }
  throw Error(where, in_quotes(name) + " is not a feature with a table" + did_you_mean(name, names) + "; choose from " +
                         listed(names));
}

void add_table(const Network& network, const Model& whole, std::size_t feature, EmbeddingTable::Side side,
               RemoteRows& remote) {
  const Feature& of = network.features[feature];
  const int index = table_of(of, side);
  if (index < 0 || remote.contains(index)) return;
  const Table& table = network.tables[static_cast<std::size_t>(index)];
  const auto is_bias = [&](const Bias& bias) { return static_cast<int>(bias.table) == index; };
  if (std::ranges::any_of(network.head.biases, is_bias)) {
    throw Error("--remote", in_quotes(of.name) + " has its rows in " + table.name +
                                ", which is a bias of the head, too: those stay in the model");
  }
  const Result<EmbeddingTable> rows = EmbeddingTable::of(whole, static_cast<std::uint32_t>(feature), side);
  if (!rows.ok()) throw Error("--remote", rows.status().message());
  LocalRows& local = remote.try_emplace(index, *rows, table).first->second;
  if (table.vocabulary < 0) return;
  const Vocabulary& keys = network.vocabularies[static_cast<std::size_t>(table.vocabulary)];
  if (keys.string_rows.empty()) return;
  const std::string_view first[] = {keys.string_rows.front().first};  // a vocabulary of none would be one of integers
  local.keep(Column::strings(static_cast<std::uint32_t>(feature), first));
}

/// The rows of a table, where it is remote.
LocalRows* rows_of(RemoteRows& remote, int table) {
  const auto found = remote.find(table);
  return found == remote.end() ? nullptr : &found->second;
}

void keep_golden(const Network& network, const GoldenRows& golden, RemoteRows& remote) {
  RequestReader requests(request_shape(network), golden.lines, "golden rows");
  Request request;
  const auto keep = [&](const std::vector<RequestColumn>& columns, EmbeddingTable::Side side) {
    for (const RequestColumn& column : columns) {
      LocalRows* const rows = rows_of(remote, table_of(network.features[column.feature], side));
      if (rows && column.kind != Column::Kind::numbers) rows->keep(column.column());
    }
  };
  while (requests.next(request)) {
    keep(request.features, EmbeddingTable::Side::request);
    keep(request.candidates, EmbeddingTable::Side::request);
    keep(request.history, EmbeddingTable::Side::history);
  }
}

RequestColumn read_ids(const std::string& path, bool strings) {
  RequestColumn column;
  column.kind = strings ? Column::Kind::strings : Column::Kind::ids;
  TextLines lines(path, "ids, one a line");
  std::string line;
  while (lines.next(line)) {
    if (strings) {
      column.strings.push_back(line);
      continue;
    }
    std::int64_t id = 0;
    const auto read = std::from_chars(line.data(), line.data() + line.size(), id);
    if (read.ec != std::errc() || read.ptr != line.data() + line.size()) {
      throw Error(lines.where(), in_quotes(line) + " is not an integer id");
    }
    column.ids.push_back(id);
  }
  column.views.assign(column.strings.begin(), column.strings.end());
  return column;
}

/// Returns what to say of the list.
std::string keep_listed(const Network& network, const std::string& option, RemoteRows& remote) {
  const std::size_t equals = option.find('=');
  if (equals == std::string::npos) throw Error("--local", in_quotes(option) + " is not of the form FEATURE=FILE");
  const std::size_t feature = feature_named(network, option.substr(0, equals), "--local");
  const Feature& of = network.features[feature];
  std::vector<LocalRows*> tables;
  for (const EmbeddingTable::Side side : kSides) {
    if (LocalRows* const rows = rows_of(remote, table_of(of, side))) tables.push_back(rows);
  }
  if (tables.empty()) throw Error("--local", in_quotes(of.name) + " is not remote: all its rows are in the model");
  const std::string path = option.substr(equals + 1);
  const RequestColumn ids = read_ids(path, request_shape(network).features[feature].string_ids);
  std::size_t missing = 0;
  for (LocalRows* const rows : tables) missing = std::max(missing, rows->keep(ids.column()));
  if (missing == 0) return {};
  return path + ": " + std::to_string(missing) + " of " + std::to_string(ids.column().size()) +
         " ids have no row of their own";
}

/// Vocabularies that no table has any more would only take room.
void drop_unused_vocabularies(Network& network) {
  std::vector<Vocabulary> kept;
  std::map<int, int> places;
  for (Table& table : network.tables) {
    if (table.vocabulary < 0) continue;
    const auto [place, is_new] = places.try_emplace(table.vocabulary, static_cast<int>(kept.size()));
    if (is_new) kept.push_back(std::move(network.vocabularies[static_cast<std::size_t>(table.vocabulary)]));
    table.vocabulary = place->second;
  }
  network.vocabularies = std::move(kept);
}

RemoteTable described(const Network& network, int index, const LocalRows& rows) {
  RemoteTable table{.name = network.tables[static_cast<std::size_t>(index)].name,
                    .features = {},
                    .rows = rows.whole().rows(),
                    .local_rows = rows.rows(),
                    .version = rows.whole().version()};
  for (const Feature& feature : network.features) {
    const auto is_of = [&](EmbeddingTable::Side side) { return table_of(feature, side) == index; };
    if (std::ranges::any_of(kSides, is_of)) table.features.push_back(feature.name);
  }
  return table;
}

}  // namespace

DeviceNetwork device_network(const Network& network, const Model& whole, const RemoteOptions& options,
                             const GoldenRows& golden) {
  RemoteRows remote;
  for (const std::string& name : options.features) {
    const std::size_t feature = feature_named(network, name, "--remote");
    for (const EmbeddingTable::Side side : kSides) add_table(network, whole, feature, side, remote);
  }
  if (golden.count > 0) keep_golden(network, golden, remote);
  DeviceNetwork device{.network = network, .tables = {}, .lists = {}};
  for (const std::string& option : options.local) device.lists.push_back(keep_listed(network, option, remote));
  std::erase(device.lists, "");
  for (Feature& feature : device.network.features) {
    LocalRows* const rows = rows_of(remote, feature.history_table);
    if (rows && feature.pad_row >= 0) {
      feature.pad_row = static_cast<std::int64_t>(rows->number(static_cast<std::uint64_t>(feature.pad_row)));
    }
  }
  for (auto& [index, rows] : remote) {
    Table& table = device.network.tables[static_cast<std::size_t>(index)];
    device.network.vocabularies.push_back(rows.vocabulary());
    table = rows.table(static_cast<int>(device.network.vocabularies.size()) - 1);
    device.tables.push_back(described(network, index, rows));
  }
  drop_unused_vocabularies(device.network);
  return device;
}

std::vector<std::string> DeviceNetwork::notes() const {
  std::vector<std::string> notes;
  for (const RemoteTable& table : tables) {
    notes.push_back("remote: " + table.name + " (" + listed(table.features) + "): " + std::to_string(table.local_rows) +
                    " rows of " + std::to_string(table.rows) + " in the file, the others are of version " +
                    hex_text(table.version));
  }
  return notes;
}

}  // namespace dinghy::converter
