#include "converter/readers/keras/h5_driver.h"

#include <hdf5.h>
#if H5_VERSION_GE(1, 13, 0)
#include <H5FDdevelop.h>
#endif

#include <algorithm>
#include <cstring>
#include <exception>

namespace dinghy::converter {
namespace {

constexpr std::uint64_t kMaxAddress = std::uint64_t{1} << 62;

struct DriverInfo {
  const Storage* storage;
};

// libhdf5 casts between this and its first member.
struct OpenStorage {
  H5FD_t base;
  const Storage* storage;
  haddr_t end_of_allocation;
};

const OpenStorage& opened(const H5FD_t* file) { return *reinterpret_cast<const OpenStorage*>(file); }

// Nothing but the storage of the property list is ever opened, whatever file an external link names.
H5FD_t* open_storage(const char*, unsigned flags, hid_t properties, haddr_t) {
  const auto* info = static_cast<const DriverInfo*>(H5Pget_driver_info(properties));
  if (!info || (flags & (H5F_ACC_RDWR | H5F_ACC_CREAT)) != 0) return nullptr;
  return reinterpret_cast<H5FD_t*>(new OpenStorage{{}, info->storage, 0});
}

herr_t close_storage(H5FD_t* file) {
  delete reinterpret_cast<OpenStorage*>(file);
  return 0;
}

haddr_t end_of_allocation(const H5FD_t* file, H5FD_mem_t) { return opened(file).end_of_allocation; }

herr_t set_end_of_allocation(H5FD_t* file, H5FD_mem_t, haddr_t address) {
  reinterpret_cast<OpenStorage*>(file)->end_of_allocation = address;
  return 0;
}

haddr_t end_of_file(const H5FD_t* file, H5FD_mem_t) { return opened(file).storage->size(); }

herr_t read_storage(H5FD_t* file, H5FD_mem_t, hid_t, haddr_t address, size_t size, void* out) {
  const Storage& storage = *opened(file).storage;
  // Behind the end a file reads as zeros: libhdf5 looks there for a superblock, and rounds its reads up.
  const std::uint64_t there = address < storage.size() ? std::min<std::uint64_t>(size, storage.size() - address) : 0;
  std::memset(static_cast<std::byte*>(out) + there, 0, size - there);
  try {
    if (there > 0) storage.read(address, {static_cast<std::byte*>(out), there});
  } catch (const std::exception&) {
    return -1;  // an exception may not pass through C
  }
  return 0;
}

// libhdf5 takes no driver without it, although it opens the file to read alone.
herr_t write_nothing(H5FD_t*, H5FD_mem_t, hid_t, haddr_t, size_t, const void*) { return -1; }

hid_t register_driver() {
  H5FD_class_t driver{};
#if H5_VERSION_GE(1, 13, 2)
  driver.version = H5FD_CLASS_VERSION;
  driver.value = static_cast<H5FD_class_value_t>(600);  // 512 and up are free for test and private use
#endif
  driver.name = "dinghy_storage";
  driver.maxaddr = kMaxAddress;
  driver.fc_degree = H5F_CLOSE_STRONG;
  driver.fapl_size = sizeof(DriverInfo);
  driver.open = open_storage;
  driver.close = close_storage;
  driver.get_eoa = end_of_allocation;
  driver.set_eoa = set_end_of_allocation;
  driver.get_eof = end_of_file;
  driver.read = read_storage;
  driver.write = write_nothing;
  return H5FDregister(&driver);
}

}  // namespace

H5Handle open_h5(const Storage& storage) {
  H5Eset_auto2(H5E_DEFAULT, nullptr, nullptr);  // its messages are for its developers; ours are one line
  H5PLset_loading_state(0);                     // a filter that is not built in would be a library to load and run
  static const hid_t kDriver = register_driver();
  const H5Handle properties(H5Pcreate(H5P_FILE_ACCESS), H5Pclose);
  const DriverInfo info{&storage};
  if (H5Pset_driver(properties.id(), kDriver, &info) < 0) return {-1, H5Fclose};
  return {H5Fopen("checkpoint", H5F_ACC_RDONLY, properties.id()), H5Fclose};
}

}  // namespace dinghy::converter
