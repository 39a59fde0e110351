// An HDF5 file, read with libhdf5: what Keras writes its weights to. Hostile files end in an Error.
#pragma once

#include <optional>

#include "converter/readers/keras/h5_handle.h"
#include "converter/readers/keras/h5_question.h"

namespace dinghy::converter {

struct H5Link {
  std::string name;
  bool is_group;
};

/// Only for dinghy-read-keras: a damaged file can crash libhdf5. Objects are named by their path,
/// "layers/dense/vars/0";
/// "" is the root. Only hard links are followed: a path through a soft or an external link throws Error.
class H5File {
 public:
  /// `where` stands for the file in errors; the storage outlives this. Throws Error for a file that is damaged or no
  /// HDF5 file.
  H5File(const Storage& storage, std::string where);

  bool has_group(const std::string& path) const;
  /// What a group holds, sorted by name; numbers in names count as numbers.
  std::vector<H5Link> links(const std::string& group) const;

  /// The text or list of texts in an attribute of a group; none when there is no such attribute. An empty list of
  /// numbers is an empty list of texts.
  std::optional<std::vector<std::string>> texts(const std::string& group, const std::string& attribute) const;

  /// Throws Error for numbers that no framework trains with, for data outside the file, packed with anything but
  /// deflate, shuffle and fletcher32, or expanding more than deflate honestly can.
  H5Dataset dataset(const std::string& path) const;
  /// Rows of a dataset's first dimension, as this machine has numbers; all of a scalar.
  void read_rows(const std::string& path, std::uint64_t first, std::uint64_t count, std::span<std::byte> out) const;

  std::uint64_t size() const { return storage_.size(); }
  std::string place(const std::string& path) const { return path.empty() ? where_ : where_ + ": " + path; }

 private:
  /// Opens a group or dataset, link by link.
  H5Handle open_object(const std::string& path) const;

  const Storage& storage_;
  std::string where_;
  H5Handle file_;
};

}  // namespace dinghy::converter
