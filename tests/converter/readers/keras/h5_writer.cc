#include "tests/converter/readers/keras/h5_writer.h"

#include <hdf5.h>

#include <algorithm>
#include <cstring>

namespace dinghy::converter::test {
namespace {

/// A property list with which missing groups on the way are made.
hid_t making_groups() {
  const hid_t properties = H5Pcreate(H5P_LINK_CREATE);
  H5Pset_create_intermediate_group(properties, 1);
  return properties;
}

hid_t create(hid_t file, const std::string& path, hid_t type, const std::vector<hsize_t>& extents, hid_t properties) {
  const hid_t space = H5Screate_simple(static_cast<int>(extents.size()), extents.data(), nullptr);
  const hid_t links = making_groups();
  const hid_t dataset = H5Dcreate2(file, path.c_str(), type, space, links, properties, H5P_DEFAULT);
  H5Pclose(links);
  H5Sclose(space);
  return dataset;
}

hid_t packed(H5Writer::Packing packing, const std::vector<hsize_t>& extents) {
  const hid_t properties = H5Pcreate(H5P_DATASET_CREATE);
  if (packing == H5Writer::Packing::elsewhere) H5Pset_external(properties, "/etc/passwd", 0, H5F_UNLIMITED);
  if (packing == H5Writer::Packing::compact) H5Pset_layout(properties, H5D_COMPACT);
  if (packing == H5Writer::Packing::together) {
    const hid_t space = H5Screate_simple(static_cast<int>(extents.size()), extents.data(), nullptr);
    H5Pset_virtual(properties, space, ".", "/layers/good/vars/0", space);
    H5Sclose(space);
  }
  if (packing == H5Writer::Packing::compact || packing == H5Writer::Packing::together) return properties;
  if (packing == H5Writer::Packing::none || packing == H5Writer::Packing::elsewhere) return properties;
  std::vector<hsize_t> chunk = extents;
  chunk[0] = std::max<hsize_t>(1, (chunk[0] + 1) / 2);
  H5Pset_chunk(properties, static_cast<int>(chunk.size()), chunk.data());
  if (packing == H5Writer::Packing::scale_offset) {
    H5Pset_scaleoffset(properties, H5Z_SO_FLOAT_DSCALE, 2);
  } else {
    H5Pset_shuffle(properties);
    H5Pset_deflate(properties, 6);
    H5Pset_fletcher32(properties);
  }
  return properties;
}

void write_attribute(hid_t object, const std::string& name, hid_t type, hid_t space, const void* bytes) {
  const hid_t attribute = H5Acreate2(object, name.c_str(), type, space, H5P_DEFAULT, H5P_DEFAULT);
  if (bytes) H5Awrite(attribute, type, bytes);
  H5Aclose(attribute);
  H5Sclose(space);
  H5Tclose(type);
}

hid_t text_type(std::size_t size) {
  const hid_t type = H5Tcopy(H5T_C_S1);
  H5Tset_size(type, size);
  return type;
}

}  // namespace

H5Writer::H5Writer(const std::string& path) : file_(H5Fcreate(path.c_str(), H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT)) {}

H5Writer::~H5Writer() { H5Fclose(file_); }

void H5Writer::group(const std::string& path) {
  const hid_t links = making_groups();
  H5Gclose(H5Gcreate2(file_, path.c_str(), links, H5P_DEFAULT, H5P_DEFAULT));
  H5Pclose(links);
}

void H5Writer::dataset(const std::string& path, const std::vector<std::int64_t>& shape,
                       const std::vector<float>& numbers, Packing packing) {
  const std::vector<hsize_t> extents(shape.begin(), shape.end());
  const hid_t properties = packed(packing, extents);
  const hid_t dataset = create(file_, path, H5T_IEEE_F32LE, extents, properties);
  if (packing != Packing::elsewhere && packing != Packing::together) {
    H5Dwrite(dataset, H5T_NATIVE_FLOAT, H5S_ALL, H5S_ALL, H5P_DEFAULT, numbers.data());
  }
  H5Dclose(dataset);
  H5Pclose(properties);
}

void H5Writer::big_endian_dataset(const std::string& path, const std::vector<float>& numbers) {
  const hid_t dataset = create(file_, path, H5T_IEEE_F32BE, {numbers.size()}, H5P_DEFAULT);
  H5Dwrite(dataset, H5T_NATIVE_FLOAT, H5S_ALL, H5S_ALL, H5P_DEFAULT, numbers.data());
  H5Dclose(dataset);
}

void H5Writer::bfloat16_dataset(const std::string& path, const std::vector<std::uint16_t>& numbers) {
  const hid_t type = H5Tcreate(H5T_OPAQUE, 2);
  const hid_t dataset = create(file_, path, type, {numbers.size()}, H5P_DEFAULT);
  H5Dwrite(dataset, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, numbers.data());
  write_attribute(dataset, "dtype", text_type(8), H5Screate(H5S_SCALAR), "bfloat16");
  H5Dclose(dataset);
  H5Tclose(type);
}

void H5Writer::unwritten_dataset(const std::string& path, std::int64_t count) {
  H5Dclose(create(file_, path, H5T_IEEE_F32LE, {static_cast<hsize_t>(count)}, H5P_DEFAULT));
}

void H5Writer::unwritten_chunks(const std::string& path, std::int64_t count, std::int64_t chunk) {
  const auto extent = static_cast<hsize_t>(chunk);
  const hid_t properties = H5Pcreate(H5P_DATASET_CREATE);
  H5Pset_chunk(properties, 1, &extent);
  H5Dclose(create(file_, path, H5T_IEEE_F32LE, {static_cast<hsize_t>(count)}, properties));
  H5Pclose(properties);
}

void H5Writer::texts(const std::string& group, const std::string& attribute, const std::vector<std::string>& texts,
                     bool fixed) {
  const hid_t object = H5Oopen(file_, group.c_str(), H5P_DEFAULT);
  const hsize_t count = texts.size();
  const hid_t space = H5Screate_simple(1, &count, nullptr);
  if (fixed) {
    std::size_t size = 1;
    for (const std::string& text : texts) size = std::max(size, text.size());
    std::vector<char> bytes(size * texts.size());
    for (std::size_t i = 0; i < texts.size(); ++i)
      std::memcpy(bytes.data() + i * size, texts[i].data(), texts[i].size());
    write_attribute(object, attribute, text_type(size), space, bytes.data());
  } else {
    std::vector<const char*> pointers;
    for (const std::string& text : texts) pointers.push_back(text.c_str());
    write_attribute(object, attribute, text_type(H5T_VARIABLE), space, pointers.data());
  }
  H5Oclose(object);
}

void H5Writer::number(const std::string& group, const std::string& attribute, double number) {
  const hid_t object = H5Oopen(file_, group.c_str(), H5P_DEFAULT);
  write_attribute(object, attribute, H5Tcopy(H5T_NATIVE_DOUBLE), H5Screate(H5S_SCALAR), &number);
  H5Oclose(object);
}

void H5Writer::text(const std::string& group, const std::string& attribute, const std::string& text) {
  const hid_t object = H5Oopen(file_, group.c_str(), H5P_DEFAULT);
  const char* pointer = text.c_str();
  write_attribute(object, attribute, text_type(H5T_VARIABLE), H5Screate(H5S_SCALAR), &pointer);
  H5Oclose(object);
}

void H5Writer::external_link(const std::string& path, const std::string& file, const std::string& object) {
  H5Lcreate_external(file.c_str(), object.c_str(), file_, path.c_str(), H5P_DEFAULT, H5P_DEFAULT);
}

void H5Writer::soft_link(const std::string& path, const std::string& target) {
  H5Lcreate_soft(target.c_str(), file_, path.c_str(), H5P_DEFAULT, H5P_DEFAULT);
}

void H5Writer::hard_link(const std::string& path, const std::string& target) {
  H5Lcreate_hard(file_, target.c_str(), file_, path.c_str(), H5P_DEFAULT, H5P_DEFAULT);
}

}  // namespace dinghy::converter::test
