// A table of a recipe, read key by key with its types checked; errors name file and line. Hides the TOML library.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace dinghy::converter {

class RecipeTable {
 public:
  /// The root table of the TOML text; `path` stands for it in errors. Throws Error when it is no TOML.
  static RecipeTable parse(const std::string& text, const std::string& path);

  /// The value of a key, or nothing when the key is not there. Throw Error for a value of another type.
  std::optional<std::string> text(const std::string& key);
  std::optional<bool> boolean(const std::string& key);
  std::optional<double> number(const std::string& key);  // an integer counts
  std::optional<std::int64_t> integer(const std::string& key);
  std::optional<std::vector<std::string>> texts(const std::string& key);
  std::optional<RecipeTable> table(const std::string& key);
  std::vector<RecipeTable> tables(const std::string& key);  // empty when the key is not there
  bool has(const std::string& key) const;
  bool holds_text(const std::string& key) const;
  bool holds_table(const std::string& key) const;

  /// All keys with texts as values: a table of free names.
  std::map<std::string, std::string> all_texts();
  /// All keys with tables as values.
  std::map<std::string, RecipeTable> all_tables();

  /// The text of a key that has to be there.
  std::string required_text(const std::string& key);

  /// One of some words, as the value that belongs to it.
  template <class Value>
  std::optional<Value> choice(const std::string& key, std::initializer_list<std::pair<const char*, Value>> choices) {
    const std::optional<std::string> word = text(key);
    if (!word) return std::nullopt;
    std::vector<std::string> words;
    for (const auto& [name, value] : choices) {
      if (*word == name) return value;
      words.push_back(name);
    }
    fail_choice(key, *word, words);
  }

  /// Throws Error for a key that nobody asked for: it names those that have a meaning here.
  void require_no_other_keys() const;

  /// "recipe.toml:12" of a key, or of the table when there is no such key.
  std::string where(const std::string& key = {}) const;

 private:
  struct Data;
  explicit RecipeTable(std::shared_ptr<Data> data) : data_(std::move(data)) {}
  [[noreturn]] void fail_choice(const std::string& key, const std::string& word,
                                const std::vector<std::string>& words) const;

  std::shared_ptr<Data> data_;
};

}  // namespace dinghy::converter
