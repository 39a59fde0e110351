#include "converter/readers/onnx/external_data.h"

#include <charconv>
#include <filesystem>

#include "converter/error.h"
#include "converter/readers/path_inside.h"
#include "converter/readers/storage.h"
#include "converter/text/quotes.h"

namespace dinghy::converter {
namespace {

std::uint64_t number_of(const std::map<std::string, std::string>& entries, const std::string& key,
                        std::uint64_t otherwise, const std::string& where) {
  const auto entry = entries.find(key);
  if (entry == entries.end()) return otherwise;
  const std::string& text = entry->second;
  std::uint64_t number = 0;
  const auto [stop, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || stop != text.data() + text.size()) {
    throw Error(where, "its external data has the " + key + " " + in_quotes(text) + ", which is no number");
  }
  return number;
}

}  // namespace

ExternalData::ExternalData(const std::string& model_path)
    : folder_(std::filesystem::path(model_path).parent_path().string()) {}

std::shared_ptr<const Storage> ExternalData::open(const std::string& location, const std::string& where) {
  if (const auto known = files_.find(location); known != files_.end()) return known->second;
  return files_[location] = std::make_shared<FileStorage>(path_inside(folder_, location, where));
}

std::shared_ptr<const Storage> ExternalData::storage(const std::map<std::string, std::string>& entries,
                                                     const std::string& where) {
  const auto location = entries.find("location");
  if (location == entries.end()) throw Error(where, "its data lies in another file, but none is named");
  const std::shared_ptr<const Storage> file = open(location->second, where);
  const std::uint64_t offset = number_of(entries, "offset", 0, where);
  const std::uint64_t rest = offset <= file->size() ? file->size() - offset : 0;
  const std::uint64_t length = number_of(entries, "length", rest, where);
  if (offset > file->size() || length > rest) {
    throw Error(where, "its data lies behind the end of " + in_quotes(location->second) + "; the file is incomplete");
  }
  return std::make_shared<SliceStorage>(file, offset, length);
}

std::vector<std::string> ExternalData::files() const {
  std::vector<std::string> names;
  for (const auto& [location, file] : files_) names.push_back(location);
  return names;
}

}  // namespace dinghy::converter
