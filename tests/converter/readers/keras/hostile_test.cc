// HDF5 files that Keras never wrote, or not to the end.
#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>
#include <filesystem>
#include <fstream>

#include "converter/error.h"
#include "tests/converter/readers/keras/h5_writer.h"
#include "tests/converter/readers/odd_files.h"

namespace dinghy::converter::test {
namespace {

using Catch::Matchers::ContainsSubstring;

/// The error for a file that `fill` makes beside a good layer.
template <class Fill>
std::string error_of_file(Fill fill) {
  TemporaryFolder folder;
  const std::string path = folder.path("m.weights.h5");
  {
    H5Writer file(path);
    file.dataset("layers/good/vars/0", {1}, {1});
    fill(file, folder);
  }
  return error_of(path);
}

}  // namespace

TEST_CASE("Links to other places and files are refused, and those files are not opened", "[readers]") {
  const std::string external = error_of_file([](H5Writer& file, const TemporaryFolder& folder) {
    H5Writer other(folder.path("other.h5"));
    other.dataset("vars/0", {1}, {1});
    file.external_link("layers/bad", folder.path("other.h5"), "/");
  });
  CHECK_THAT(external, ContainsSubstring("m.weights.h5: layers/bad: is a link to another place or file"));
  const std::string soft =
      error_of_file([](H5Writer& file, const TemporaryFolder&) { file.soft_link("layers/bad", "/layers/good"); });
  CHECK_THAT(soft, ContainsSubstring("layers/bad: is a link"));
}

TEST_CASE("A group inside itself ends", "[readers]") {
  const std::string cycle =
      error_of_file([](H5Writer& file, const TemporaryFolder&) { file.hard_link("layers/bad", "/layers"); });
  CHECK_THAT(cycle, ContainsSubstring("lies too deep in the file") || ContainsSubstring("linked more often"));
}

TEST_CASE("Numbers that lie elsewhere, are packed oddly, or were never written are refused by name", "[readers]") {
  const auto fails = [](auto fill, const std::string& message) {
    CHECK_THAT(error_of_file(fill), ContainsSubstring(message));
  };
  fails([](H5Writer& file,
           const TemporaryFolder&) { file.dataset("layers/bad/vars/0", {4}, {}, H5Writer::Packing::elsewhere); },
        "layers/bad/vars/0: has its numbers in another file");
  fails(
      [](H5Writer& file, const TemporaryFolder&) {
        file.dataset("layers/bad/vars/0", {4}, {1, 2, 3, 4}, H5Writer::Packing::scale_offset);
      },
      "layers/bad/vars/0: is packed with filter 6");
  fails([](H5Writer& file, const TemporaryFolder&) { file.unwritten_dataset("layers/bad/vars/0", 1ll << 40); },
        "layers/bad/vars/0: has numbers outside the file");
  fails(
      [](H5Writer& file, const TemporaryFolder&) {
        file.dataset("layers/bad/vars/0", {1 << 22}, std::vector<float>(1 << 22), H5Writer::Packing::gzip);
      },
      "layers/bad/vars/0: would unpack to more than 1000 times its size");
}

TEST_CASE("An HDF5 file without weights of Keras, or cut off, says so", "[readers]") {
  TemporaryFolder folder;
  const std::string path = folder.path("other.h5");
  {
    H5Writer(path).dataset("numbers", {3}, {1, 2, 3});
  }
  CHECK_THAT(error_of(path), ContainsSubstring("is an HDF5 file without weights as Keras writes them"));
  {
    H5Writer file(path);
    file.texts("/", "layer_names", {"../../dense"});
  }
  CHECK_THAT(error_of(path), ContainsSubstring("is not in the file"));
  {
    H5Writer file(path);
    file.dataset("layers/a/vars/0", {1000}, std::vector<float>(1000));
  }
  std::filesystem::resize_file(path, std::filesystem::file_size(path) / 2);
  CHECK_THAT(error_of(path), ContainsSubstring("is no complete HDF5 file"));
}

// libhdf5 trusts some lengths of a file, and crashes over a byte that is damaged. Each try starts a program or two, so
// that it is every 499th byte.
TEST_CASE("A damaged byte ends in an error or in a checkpoint, never in a crash", "[readers]") {
  TemporaryFolder folder;
  const std::string path = folder.path("m.weights.h5");
  {
    H5Writer file(path);
    file.dataset("layers/a/vars/0", {2, 2}, {1, 2, 3, 4});
    file.dataset("layers/b/vars/0", {4, 2}, std::vector<float>(8), H5Writer::Packing::gzip);
    file.text("layers/a/vars", "name", "first");
    file.texts("layers/b/vars", "name", {"second"});
  }
  const auto size = static_cast<std::streamoff>(std::filesystem::file_size(path));
  int read = 0, refused = 0;
  for (std::streamoff at = 8; at < size; at += 499) {
    std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
    file.seekg(at);
    const int byte = file.get();
    const auto put = [&](int value) {
      file.seekp(at);
      file.put(static_cast<char>(value));
      file.flush();
    };
    put(byte ^ 0xff);
    try {
      for (const Tensor& tensor : read_checkpoint(path).tensors) tensor.values();
      ++read;
    } catch (const Error&) {
      ++refused;
    }
    put(byte);
  }
  CHECK(read > 0);
  CHECK(refused > 0);
}

}  // namespace dinghy::converter::test
