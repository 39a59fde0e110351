// HDF5 files that Keras never wrote, or not to the end.
#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_exception.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>
#include <filesystem>
#include <fstream>

#include "converter/error.h"
#include "tests/converter/readers/keras/h5_writer.h"
#include "tests/converter/readers/odd_files.h"

namespace dinghy::converter::test {
namespace {

using Catch::Matchers::ContainsSubstring;
using Catch::Matchers::MessageMatches;

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

TEST_CASE("Groups that lie too deep, or are linked over and over, end", "[readers]") {
  const std::string deep = error_of_file([](H5Writer& file, const TemporaryFolder&) {
    std::string path = "layers";
    for (int i = 0; i < 70; ++i) path += "/l";
    file.dataset(path + "/vars/0", {1}, {1});
  });
  CHECK_THAT(deep, ContainsSubstring("lies too deep in the file"));
  const std::string often = error_of_file([](H5Writer& file, const TemporaryFolder&) {
    const auto level = [](int i) { return "layers/level" + std::to_string(i); };
    for (int i = 0; i <= 14; ++i) file.group(level(i));
    for (int i = 0; i < 14; ++i) {
      file.hard_link(level(i) + "/a", "/" + level(i + 1));
      file.hard_link(level(i) + "/b", "/" + level(i + 1));
    }
  });
  CHECK_THAT(often, ContainsSubstring("is linked more often than the file has room for"));
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
  fails([](H5Writer& file,
           const TemporaryFolder&) { file.dataset("layers/bad/vars/0", {1}, {}, H5Writer::Packing::together); },
        "layers/bad/vars/0: is put together from other datasets");
  fails([](H5Writer& file, const TemporaryFolder&) { file.unwritten_chunks("layers/bad/vars/0", 1 << 26, 1 << 25); },
        "layers/bad/vars/0: has chunks over 64 MiB");
  fails([](H5Writer& file, const TemporaryFolder&) { file.unwritten_chunks("layers/bad/vars/0", 1ll << 62, 1); },
        "layers/bad/vars/0: is larger than any file");
  fails(
      [](H5Writer& file, const TemporaryFolder&) {
        file.dataset("layers/bad/vars/0", {1 << 22}, std::vector<float>(1 << 22), H5Writer::Packing::gzip);
      },
      "layers/bad/vars/0: would unpack to more than 1000 times its size");
}

TEST_CASE("Numbers in a header, a single one, and none are read", "[readers]") {
  const TemporaryFolder folder;
  const std::string path = folder.path("m.weights.h5");
  {
    H5Writer file(path);
    file.dataset("layers/a/vars/0", {2}, {1, 2}, H5Writer::Packing::compact);
    file.dataset("layers/b/vars/0", {0, 4}, {});
    file.dataset("layers/c/vars/0", {}, {3});
  }
  const Checkpoint checkpoint = read_checkpoint(path);
  REQUIRE(checkpoint.tensors.size() == 3);
  CHECK(checkpoint.tensors[0].values() == std::vector<double>{1, 2});
  CHECK(checkpoint.tensors[1].values().empty());
  CHECK(checkpoint.tensors[2].values() == std::vector<double>{3});
}

TEST_CASE("Names of weights that are no texts, or name no numbers, are refused", "[readers]") {
  const TemporaryFolder folder;
  const std::string path = folder.path("m.h5");
  {
    H5Writer file(path);
    file.number("/", "layer_names", 7);
  }
  CHECK_THAT(error_of(path), ContainsSubstring("attribute \"layer_names\": is no text"));
  {
    H5Writer file(path);
    file.group("top/kernel:0");
    file.texts("/", "layer_names", {"top"});
    file.texts("top", "weight_names", {"kernel:0"});
  }
  CHECK_THAT(error_of(path), ContainsSubstring("top/kernel:0: is no dataset"));
}

TEST_CASE("Packed numbers that are damaged are refused when they are read", "[readers]") {
  const TemporaryFolder folder;
  const std::string path = folder.path("m.weights.h5");
  std::vector<float> numbers(1000);
  for (std::size_t i = 0; i < numbers.size(); ++i) numbers[i] = static_cast<float>(i * i);
  {
    H5Writer file(path);
    file.dataset("layers/a/vars/0", {1000}, numbers, H5Writer::Packing::gzip);
  }
  std::string bytes = read_file(path);
  const std::size_t packed = bytes.find("\x78\x9c");  // zlib's own first bytes
  REQUIRE(packed != std::string::npos);
  for (std::size_t i = 10; i < 20; ++i) bytes[packed + i] = static_cast<char>(~bytes[packed + i]);
  folder.write("m.weights.h5", bytes);
  const Checkpoint checkpoint = read_checkpoint(path);
  CHECK_THROWS_MATCHES(checkpoint.tensors.at(0).values(), Error,
                       MessageMatches(ContainsSubstring("layers/a/vars/0: cannot be read; the file is damaged")));
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
