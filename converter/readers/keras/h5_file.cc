#include "converter/readers/keras/h5_file.h"

#define H5_USE_110_API
#include <hdf5.h>

#include <algorithm>
#include <cstring>
#include <exception>

#include "converter/error.h"
#include "converter/readers/keras/h5_dataset.h"
#include "converter/readers/keras/h5_driver.h"
#include "converter/text/quotes.h"

namespace dinghy::converter {
namespace {

constexpr std::uint64_t kMaxTexts = 1 << 20;
constexpr int kMaxDepth = 64;

// "dense_10" comes behind "dense_9": the text before the last digits, then the number that they are.
bool by_number(const H5Link& left, const H5Link& right) {
  const auto split = [](const std::string& name) {
    const std::size_t digits = name.find_last_not_of("0123456789") + 1;
    return std::pair(std::string_view(name).substr(0, digits), std::string_view(name).substr(digits));
  };
  const auto [left_text, left_number] = split(left.name);
  const auto [right_text, right_number] = split(right.name);
  if (left_text != right_text) return left_text < right_text;
  if (left_number.size() != right_number.size()) return left_number.size() < right_number.size();
  return left_number < right_number;
}

herr_t collect_name(hid_t, const char* name, const H5L_info_t*, void* names) {
  try {
    static_cast<std::vector<std::string>*>(names)->emplace_back(name);
    return 0;
  } catch (const std::exception&) {
    return -1;  // an exception may not pass through C
  }
}

std::vector<std::string> fixed_texts(hid_t attribute, hid_t type, std::uint64_t count, std::uint64_t file_size,
                                     const std::string& where) {
  const std::uint64_t size = std::max<std::uint64_t>(H5Tget_size(type), 1);
  if (count > file_size / size) throw Error(where, "states more text than the file has bytes");
  std::vector<char> bytes(count * size);
  good(H5Aread(attribute, type, bytes.data()), where);
  std::vector<std::string> texts;
  for (std::uint64_t i = 0; i < count; ++i) {
    const char* text = bytes.data() + i * size;
    texts.emplace_back(text, strnlen(text, size));
  }
  return texts;
}

std::vector<std::string> variable_texts(hid_t attribute, hid_t stored, hid_t space, std::uint64_t count,
                                        const std::string& where) {
  const H5Handle type(good(H5Tget_native_type(stored, H5T_DIR_ASCEND), where), H5Tclose);
  std::vector<char*> pointers(count, nullptr);
  good(H5Aread(attribute, type.id(), pointers.data()), where);
  std::vector<std::string> texts;
  for (const char* text : pointers) texts.emplace_back(text ? text : "");
  H5Dvlen_reclaim(type.id(), space, H5P_DEFAULT, pointers.data());
  return texts;
}

}  // namespace

H5File::H5File(const Storage& storage, std::string where)
    : storage_(storage), where_(std::move(where)), file_(open_h5(storage)) {
  if (!file_.valid()) throw Error(where_, "is no complete HDF5 file: truncated or damaged; copy or save it again");
}

H5Handle H5File::open_object(const std::string& path) const {
  H5Handle object(good(H5Oopen(file_.id(), "/", H5P_DEFAULT), where_), H5Oclose);
  int depth = 0;
  for (std::size_t begin = 0; begin < path.size();) {
    const std::size_t end = std::min(path.find('/', begin), path.size());
    const std::string name = path.substr(begin, end - begin);
    const std::string where = place(path.substr(0, end));
    H5L_info_t link;
    if (++depth > kMaxDepth) throw Error(where, "lies too deep in the file; Keras writes no such file");
    if (H5Lget_info(object.id(), name.c_str(), &link, H5P_DEFAULT) < 0) {
      throw Error(where, "is not in the file; it is damaged or incomplete");
    }
    if (link.type != H5L_TYPE_HARD) throw Error(where, "is a link to another place or file; Keras writes none");
    object = H5Handle(good(H5Oopen(object.id(), name.c_str(), H5P_DEFAULT), where), H5Oclose);
    begin = end + 1;
  }
  return object;
}

bool H5File::has_group(const std::string& path) const {
  const std::size_t slash = path.rfind('/');
  const H5Handle parent = open_object(slash == std::string::npos ? "" : path.substr(0, slash));
  return H5Lexists(parent.id(), path.substr(slash + 1).c_str(), H5P_DEFAULT) > 0;
}

std::vector<H5Link> H5File::links(const std::string& group) const {
  const H5Handle object = open_object(group);
  std::vector<std::string> names;
  good(H5Literate(object.id(), H5_INDEX_NAME, H5_ITER_INC, nullptr, collect_name, &names), place(group));
  std::vector<H5Link> links;
  for (const std::string& name : names) {
    const H5Handle child = open_object(group.empty() ? name : group + "/" + name);
    links.push_back({name, H5Iget_type(child.id()) == H5I_GROUP});
  }
  std::ranges::sort(links, by_number);
  return links;
}

std::optional<std::vector<std::string>> H5File::texts(const std::string& group, const std::string& attribute) const {
  const H5Handle object = open_object(group);
  const std::string where = place(group) + ": attribute " + in_quotes(attribute);
  if (H5Aexists(object.id(), attribute.c_str()) <= 0) return std::nullopt;
  const H5Handle opened(good(H5Aopen(object.id(), attribute.c_str(), H5P_DEFAULT), where), H5Aclose);
  const H5Handle type(good(H5Aget_type(opened.id()), where), H5Tclose);
  const H5Handle space(good(H5Aget_space(opened.id()), where), H5Sclose);
  const std::int64_t count = good(H5Sget_simple_extent_npoints(space.id()), where);
  if (count == 0) return std::vector<std::string>{};
  if (H5Tget_class(type.id()) != H5T_STRING) throw Error(where, "is no text");
  const auto texts = static_cast<std::uint64_t>(count);
  if (texts > kMaxTexts) throw Error(where, "has more than a million texts");
  return H5Tis_variable_str(type.id()) > 0 ? variable_texts(opened.id(), type.id(), space.id(), texts, where)
                                           : fixed_texts(opened.id(), type.id(), texts, size(), where);
}

H5Dataset H5File::dataset(const std::string& path) const {
  const H5Handle object = open_object(path);
  if (H5Iget_type(object.id()) != H5I_DATASET) throw Error(place(path), "is no dataset");
  H5Dataset dataset = describe_dataset(object, size(), place(path));
  dataset.path = path;
  dataset.name = path;
  return dataset;
}

void H5File::read_rows(const std::string& path, std::uint64_t first, std::uint64_t count,
                       std::span<std::byte> out) const {
  read_dataset_rows(open_object(path), first, count, out, place(path));
}

}  // namespace dinghy::converter
