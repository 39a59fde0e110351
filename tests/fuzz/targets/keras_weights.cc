// Groups, datasets, attributes and links of any shape in a sound HDF5 file, as Keras' weights: what the reader makes of
// libhdf5's answers, here in this process, where the sanitizers see it. Bytes that break libhdf5 itself are not looked
// for: the reader expects that they do (converter/readers/keras/h5_process.h).
#include <fuzzer/FuzzedDataProvider.h>

#include <iterator>

#include "converter/readers/keras/h5_answer.h"
#include "converter/readers/keras/h5_process.h"
#include "tests/converter/readers/keras/h5_writer.h"
#include "tests/converter/temporary_folder.h"
#include "tests/fuzz/read_hostile.h"

// In place of the readers' own.
std::string dinghy::converter::ask_h5_process(const H5Question& question, const Storage& file) {
  return answer(question_of(to_bytes(question)), file);
}

namespace dinghy::fuzz {
namespace {

using converter::test::H5Writer;

class Drawing {
 public:
  Drawing(FuzzedDataProvider& data, const std::string& path) : data_(data), file_(path) {}

  void run() {
    constexpr void (Drawing::* kParts[])() = {&Drawing::group, &Drawing::dataset, &Drawing::other_dataset,
                                              &Drawing::texts, &Drawing::text,    &Drawing::link};
    for (int parts = 0; parts < 40 && data_.remaining_bytes() > 0; ++parts) {
      (this->*kParts[data_.ConsumeIntegral<std::uint8_t>() % std::size(kParts)])();
    }
  }

 private:
  std::string name() {
    constexpr const char* kNames[] = {"layers",
                                      "dense",
                                      "dense_1",
                                      "vars",
                                      "0",
                                      "1",
                                      "model_weights",
                                      "kernel:0",
                                      "bias",
                                      "_layer_checkpoint_dependencies",
                                      "top_level_model_weights",
                                      "optimizer"};
    const auto choice = data_.ConsumeIntegral<std::uint8_t>();
    return choice < 240 ? kNames[choice % std::size(kNames)] : data_.ConsumeRandomLengthString(12);
  }
  std::string path(unsigned longest = 4) {
    std::string path = name();
    for (auto more = data_.ConsumeIntegralInRange<unsigned>(0, longest - 1); more > 0; --more) path += "/" + name();
    return path;
  }
  std::string attribute() {
    constexpr const char* kNames[] = {"layer_names",  "weight_names", "layer_names0", "weight_names0", "weight_names1",
                                      "model_config", "name",         "dtype",        "backend"};
    return kNames[data_.ConsumeIntegral<std::uint8_t>() % std::size(kNames)];
  }

  void group() { file_.group(path()); }
  void dataset() {
    std::vector<std::int64_t> shape(data_.ConsumeIntegralInRange<std::size_t>(0, 3));
    std::size_t numbers = 1;
    for (std::int64_t& extent : shape) {
      extent = data_.ConsumeIntegralInRange<std::int64_t>(0, 9);
      numbers *= static_cast<std::size_t>(extent);
    }
    constexpr H5Writer::Packing kPackings[] = {H5Writer::Packing::none, H5Writer::Packing::gzip,
                                               H5Writer::Packing::scale_offset, H5Writer::Packing::elsewhere};
    const auto packing = kPackings[data_.ConsumeIntegral<std::uint8_t>() % std::size(kPackings)];
    file_.dataset(path(), shape, std::vector<float>(numbers, 0.5f), shape.empty() ? H5Writer::Packing::none : packing);
  }
  void other_dataset() {
    const auto count = data_.ConsumeIntegral<std::uint8_t>();
    switch (data_.ConsumeIntegral<std::uint8_t>() % 3) {
      case 0:
        return file_.big_endian_dataset(path(), std::vector<float>(count));
      case 1:
        return file_.bfloat16_dataset(path(), std::vector<std::uint16_t>(count));
      default:
        return file_.unwritten_dataset(path(), data_.ConsumeIntegral<std::int64_t>());
    }
  }
  void texts() {
    std::vector<std::string> texts(data_.ConsumeIntegralInRange<std::size_t>(0, 4));
    for (std::string& text : texts) text = path(2);
    const bool fixed = data_.ConsumeBool();
    file_.texts(holder(), attribute(), texts, fixed);
  }
  void text() { file_.text(holder(), attribute(), name()); }
  void link() {
    switch (data_.ConsumeIntegral<std::uint8_t>() % 3) {
      case 0:
        return file_.soft_link(path(), path());
      case 1:
        return file_.hard_link(path(), path());
      default:
        return file_.external_link(path(), "/etc/passwd", path());
    }
  }
  std::string holder() { return data_.ConsumeBool() ? "/" : path(); }

  FuzzedDataProvider& data_;
  H5Writer file_;
};

}  // namespace
}  // namespace dinghy::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  using namespace dinghy;
  static const converter::TemporaryFolder folder;
  const std::string path = folder.path("weights.h5");
  FuzzedDataProvider data(bytes, size);
  fuzz::Drawing(data, path).run();
  fuzz::read_hostile(path);
  return 0;
}
