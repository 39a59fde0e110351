#include "converter/recipe/recipe_table.h"

#include <toml++/toml.h>

#include <set>

#include "converter/error.h"
#include "converter/text/quotes.h"
#include "converter/text/suggestion.h"
#include "converter/text/toml_depth.h"

namespace dinghy::converter {

struct RecipeTable::Data {
  std::shared_ptr<const toml::table> document;  // keeps the nodes alive
  const toml::table* table;
  std::string path;
  std::string name;                  // "[tower]", for errors; empty for the root
  std::set<std::string> known = {};  // the keys that were asked for

  const toml::node* find(const std::string& key) {
    known.insert(key);
    return table->get(key);
  }

  std::string where(const toml::node& node) const { return path + ":" + std::to_string(node.source().begin.line); }

  [[noreturn]] void fail_type(const std::string& key, const toml::node& node, const std::string& wanted) const {
    throw Error(where(node), in_quotes(key) + " has to be " + wanted);
  }

  std::shared_ptr<Data> child(const std::string& key, const toml::table& inner) const {
    const std::string inner_name = name.empty() ? key : name + "." + key;
    return std::make_shared<Data>(Data{document, &inner, path, inner_name});
  }
};

RecipeTable RecipeTable::parse(const std::string& text, const std::string& path) {
  check_toml_depth(text, path);
  try {
    auto document = std::make_shared<const toml::table>(toml::parse(text, path));
    const toml::table* root = document.get();
    return RecipeTable(std::make_shared<Data>(Data{std::move(document), root, path, ""}));
  } catch (const toml::parse_error& error) {
    throw Error(path + ":" + std::to_string(error.source().begin.line),
                "is no TOML: " + std::string(error.description()));
  }
}

std::optional<std::string> RecipeTable::text(const std::string& key) {
  const toml::node* node = data_->find(key);
  if (!node) return std::nullopt;
  if (!node->is_string()) data_->fail_type(key, *node, "a text in quotes");
  return node->value<std::string>();
}

std::optional<bool> RecipeTable::boolean(const std::string& key) {
  const toml::node* node = data_->find(key);
  if (!node) return std::nullopt;
  if (!node->is_boolean()) data_->fail_type(key, *node, "true or false");
  return node->value<bool>();
}

std::optional<double> RecipeTable::number(const std::string& key) {
  const toml::node* node = data_->find(key);
  if (!node) return std::nullopt;
  if (!node->is_number()) data_->fail_type(key, *node, "a number");
  return node->value<double>();
}

std::optional<std::int64_t> RecipeTable::integer(const std::string& key) {
  const toml::node* node = data_->find(key);
  if (!node) return std::nullopt;
  if (!node->is_integer()) data_->fail_type(key, *node, "an integer");
  return node->value<std::int64_t>();
}

std::optional<std::vector<std::string>> RecipeTable::texts(const std::string& key) {
  const toml::node* node = data_->find(key);
  if (!node) return std::nullopt;
  const toml::array* array = node->as_array();
  if (!array) data_->fail_type(key, *node, "a list of texts");
  std::vector<std::string> texts;
  for (const toml::node& element : *array) {
    if (!element.is_string()) data_->fail_type(key, element, "a list of texts");
    texts.push_back(*element.value<std::string>());
  }
  return texts;
}

std::optional<RecipeTable> RecipeTable::table(const std::string& key) {
  const toml::node* node = data_->find(key);
  if (!node) return std::nullopt;
  if (!node->is_table()) data_->fail_type(key, *node, "a table");
  return RecipeTable(data_->child(key, *node->as_table()));
}

std::vector<RecipeTable> RecipeTable::tables(const std::string& key) {
  const toml::node* node = data_->find(key);
  if (!node) return {};
  const toml::array* array = node->as_array();
  if (!array) data_->fail_type(key, *node, "a list of tables");
  std::vector<RecipeTable> tables;
  for (const toml::node& element : *array) {
    if (!element.is_table()) data_->fail_type(key, element, "a list of tables");
    tables.push_back(RecipeTable(data_->child(key, *element.as_table())));
  }
  return tables;
}

bool RecipeTable::has(const std::string& key) const { return data_->table->contains(key); }

bool RecipeTable::holds_text(const std::string& key) const {
  const toml::node* node = data_->table->get(key);
  return node && node->is_string();
}

bool RecipeTable::holds_table(const std::string& key) const {
  const toml::node* node = data_->table->get(key);
  return node && node->is_table();
}

std::map<std::string, std::string> RecipeTable::all_texts() {
  std::map<std::string, std::string> texts;
  for (const auto& [key, node] : *data_->table) {
    const std::string name(key.str());
    texts.emplace(name, *text(name));
  }
  return texts;
}

std::map<std::string, RecipeTable> RecipeTable::all_tables() {
  std::map<std::string, RecipeTable> tables;
  for (const auto& [key, node] : *data_->table) {
    const std::string name(key.str());
    tables.emplace(name, *table(name));
  }
  return tables;
}

std::string RecipeTable::required_text(const std::string& key) {
  std::optional<std::string> value = text(key);
  if (!value) throw Error(where(), "[" + data_->name + "] needs " + in_quotes(key));
  return *value;
}

void RecipeTable::require_no_other_keys() const {
  const std::vector<std::string> known(data_->known.begin(), data_->known.end());
  for (const auto& [key, node] : *data_->table) {
    const std::string name(key.str());
    if (data_->known.contains(name)) continue;
    throw Error(data_->where(node), "unknown key " + in_quotes(name) +
                                        (data_->name.empty() ? "" : " in [" + data_->name + "]") +
                                        did_you_mean(name, known) + "; valid here: " + listed(known));
  }
}

std::string RecipeTable::where(const std::string& key) const {
  const toml::node* node = data_->table->get(key);
  return data_->where(node ? *node : *data_->table);
}

void RecipeTable::fail_choice(const std::string& key, const std::string& word,
                              const std::vector<std::string>& words) const {
  throw Error(where(key), in_quotes(key) + " is " + in_quotes(word) + did_you_mean(word, words) +
                              "; it has to be one of " + listed(words));
}

}  // namespace dinghy::converter
