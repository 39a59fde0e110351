#include "bindings/python/src/descriptions.h"

#include <nanobind/stl/string.h>
#include <nanobind/stl/vector.h>

#include <string>
#include <vector>

#include "model_generated.h"
#include "schema/row_form.h"

namespace nb = nanobind;

namespace dinghy::python {
namespace {

struct FeatureDescription {
  std::string name, role, kind;
  bool in_history;
  std::uint32_t dense_width;
  bool string_ids;
};

struct TableDescription {
  std::string name;
  std::uint64_t rows;
  std::uint32_t width;
  std::string stored_as;
  std::uint64_t bytes;
  std::string missing_id;
};

struct HistoryDescription {
  std::string name;
  std::vector<std::string> features, interests;
  std::uint32_t max_length;
  std::string keep;
};

const format::Model& metadata(const ModelObject& model) {
  return *format::GetModel(model.model().metadata().data());  // verified when the model was opened
}

std::vector<FeatureDescription> features(const ModelObject& model) {
  constexpr const char* kRoles[] = {"user", "context", "candidate", "history"};
  constexpr const char* kKinds[] = {"id", "bag", "dense"};
  std::vector<FeatureDescription> features;
  for (const Feature& feature : model.model().features()) {
    features.push_back({.name = std::string(feature.name),
                        .role = kRoles[static_cast<std::size_t>(feature.role)],
                        .kind = kKinds[static_cast<std::size_t>(feature.kind)],
                        .in_history = feature.in_history,
                        .dense_width = feature.dense_width,
                        .string_ids = feature.string_ids});
  }
  return features;
}

std::vector<TableDescription> tables(const ModelObject& model) {
  std::vector<TableDescription> tables;
  for (const format::EmbeddingTable* table : *metadata(model).tables()) {
    tables.push_back({.name = table->name()->str(),
                      .rows = table->rows(),
                      .width = table->width(),
                      .stored_as = word_of(format::row_form(table->encoding(), table->scale_type())),
                      .bytes = table->rows() * table->row_stride(),
                      .missing_id = format::EnumNameMissingId(table->missing())});
  }
  return tables;
}

std::vector<std::string> interests(const ModelObject& model) {
  std::vector<std::string> names;
  if (metadata(model).interests() == nullptr) return names;
  for (const format::Interest* interest : *metadata(model).interests()) names.push_back(interest->name()->str());
  return names;
}

std::vector<HistoryDescription> histories(const ModelObject& model) {
  std::vector<HistoryDescription> histories;
  if (metadata(model).sequences() == nullptr) return histories;
  for (const format::Sequence* sequence : *metadata(model).sequences()) {
    const auto number = static_cast<std::int64_t>(histories.size());
    HistoryDescription history{.name = sequence->name()->str(),
                               .features = {},
                               .interests = {},
                               .max_length = sequence->max_length(),
                               .keep = format::EnumNameKeep(sequence->keep())};
    for (const format::Feature* feature : *metadata(model).features()) {
      if (feature->sequence() == number) history.features.push_back(feature->name()->str());
    }
    const auto* interests = metadata(model).interests();
    for (flatbuffers::uoffset_t i = 0; interests != nullptr && i < interests->size(); ++i) {
      if (interests->Get(i)->sequence() == number) history.interests.push_back(interests->Get(i)->name()->str());
    }
    histories.push_back(std::move(history));
  }
  return histories;
}

nb::dict missing_ids(const ModelObject& model) {
  nb::dict missing;
  std::uint32_t number = 0;
  for (const Feature& feature : model.model().features()) {
    if (feature.kind != FeatureKind::dense) {
      missing[nb::str(feature.name.data(), feature.name.size())] = model.model().missing_ids(number);
    }
    ++number;
  }
  return missing;
}

nb::dict as_dict(const FeatureDescription& feature) {
  nb::dict dict;
  dict["name"] = feature.name;
  dict["role"] = feature.role;
  dict["kind"] = feature.kind;
  dict["in_history"] = feature.in_history;
  dict["dense_width"] = feature.dense_width;
  dict["string_ids"] = feature.string_ids;
  return dict;
}

nb::dict as_dict(const TableDescription& table) {
  nb::dict dict;
  dict["name"] = table.name;
  dict["rows"] = table.rows;
  dict["width"] = table.width;
  dict["stored_as"] = table.stored_as;
  dict["bytes"] = table.bytes;
  dict["missing_id"] = table.missing_id;
  return dict;
}

nb::dict as_dict(const HistoryDescription& history) {
  nb::dict dict;
  dict["name"] = history.name;
  dict["features"] = history.features;
  dict["interests"] = history.interests;
  dict["max_length"] = history.max_length;
  dict["keep"] = history.keep;
  return dict;
}

template <class Description>
nb::list as_dicts(const std::vector<Description>& descriptions) {
  nb::list dicts;
  for (const Description& description : descriptions) dicts.append(as_dict(description));
  return dicts;
}

template <class Description>
std::string repr(const char* name, const Description& description) {
  std::string fields;
  const nb::dict values = as_dict(description);
  for (const auto [key, value] : values) {
    fields += std::string(fields.empty() ? "" : ", ") + nb::str(key).c_str() + "=" + nb::repr(value).c_str();
  }
  return std::string(name) + "(" + fields + ")";
}

std::string name(const ModelObject& model) { return std::string(model.model().name()); }
std::string version(const ModelObject& model) { return std::string(model.model().version()); }

nb::dict describe(const ModelObject& model) {
  nb::dict dict;
  dict["name"] = name(model);
  dict["version"] = version(model);
  dict["bytes"] = model.model().file().size();
  dict["hash"] = model.hash();
  dict["isa"] = model.isa();
  dict["compute"] = format::EnumNameCompute(metadata(model).compute());
  dict["trained_history"] = model.model().trained_history();
  dict["interests"] = interests(model);
  dict["features"] = as_dicts(features(model));
  dict["tables"] = as_dicts(tables(model));
  dict["histories"] = as_dicts(histories(model));
  return dict;
}

}  // namespace

void define_descriptions(nb::module_& module, nb::class_<ModelObject>& model) {
  nb::class_<FeatureDescription>(module, "Feature", "One feature of a model, as requests name it.")
      .def_ro("name", &FeatureDescription::name)
      .def_ro("role", &FeatureDescription::role, "'user', 'context', 'candidate' or 'history'")
      .def_ro("kind", &FeatureDescription::kind, "'id', 'bag' (several ids a row) or 'dense' (numbers)")
      .def_ro("in_history", &FeatureDescription::in_history, "a column of the behaviour history (too)")
      .def_ro("dense_width", &FeatureDescription::dense_width, "numbers a row of a dense feature; else 0")
      .def_ro("string_ids", &FeatureDescription::string_ids, "its ids are strings")
      .def("__repr__", [](const FeatureDescription& feature) { return repr("Feature", feature); });
  nb::class_<TableDescription>(module, "Table", "One embedding table of a model.")
      .def_ro("name", &TableDescription::name)
      .def_ro("rows", &TableDescription::rows)
      .def_ro("width", &TableDescription::width, "numbers of a row")
      .def_ro("stored_as", &TableDescription::stored_as, "'f32', 'f16', 'i8', 'i8h' or 'i4'")
      .def_ro("bytes", &TableDescription::bytes, "bytes of all rows")
      .def_ro("missing_id", &TableDescription::missing_id,
              "what an id without a row is: 'fail' (MissingIdError), 'zero', 'row' or 'clamp'")
      .def("__repr__", [](const TableDescription& table) { return repr("Table", table); });
  nb::class_<HistoryDescription>(module, "History", "One behaviour history of a model.")
      .def_ro("name", &HistoryDescription::name)
      .def_ro("features", &HistoryDescription::features, "the names of its columns")
      .def_ro("interests", &HistoryDescription::interests, "the names of the interests that attend to it")
      .def_ro("max_length", &HistoryDescription::max_length, "behaviours that the model keeps; 0 where it states none")
      .def_ro("keep", &HistoryDescription::keep, "which of more it keeps: 'last' or 'first'")
      .def("__repr__", [](const HistoryDescription& history) { return repr("History", history); });
  model.def_prop_ro("name", name, "The name that the model was converted with.")
      .def_prop_ro("version", version, "Which training of the model this is (`model_version` of convert), or empty.")
      .def_prop_ro("features", features, "A list of Feature: what requests have to pass.")
      .def_prop_ro("tables", tables, "A list of Table.")
      .def_prop_ro("histories", histories, "A list of History, mostly of one.")
      .def_prop_ro("interests", interests,
                   "The names of the interests (local activation units), in the order of attention weights.")
      .def_prop_ro(
          "trained_history", [](const ModelObject& self) { return self.model().trained_history(); },
          "The longest history that training saw, to which longer ones are cut; 0 where the model states none.")
      .def_prop_ro("missing_ids", missing_ids,
                   "A dict: how often an id of each feature had no row since the model was opened.")
      .def("describe", describe,
           "A dict of all that the attributes say: name, version, bytes, hash, isa, compute, trained_history, "
           "interests, features, tables, histories. `dinghy.inspect` says more of a file.");
}

}  // namespace dinghy::python
