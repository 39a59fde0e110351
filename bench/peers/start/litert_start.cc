// litert-start LIBRARY MODEL NAME=ID,ID…: LiteRT by its C functions (first_score.h), out of the library of its Python
// package, which comes without headers: the declarations are those of LiteRT 2.3.
#include <dlfcn.h>

#include <algorithm>
#include <cstring>

#include "first_score.h"

namespace dinghy::bench {
namespace {

using Handle = void*;

/// An element type and a layout, both LiteRT's own: the engine writes it and reads it back.
struct TensorType {
  alignas(8) std::byte bytes[128];
};

class Library {
 public:
  explicit Library(const char* path) : handle_(dlopen(path, RTLD_NOW | RTLD_LOCAL)) {
    if (handle_ == nullptr) throw std::runtime_error(dlerror());
  }

  /// Calls a function that returns a status, 0 for success.
  template <class... Parameters>
  void call(const char* name, Parameters... parameters) const {
    const auto function = reinterpret_cast<int (*)(Parameters...)>(dlsym(handle_, name));
    if (function == nullptr) throw std::runtime_error(std::string(name) + ": is not in the library");
    const int status = function(parameters...);
    if (status != 0) throw std::runtime_error(std::string(name) + ": status " + std::to_string(status));
  }

 private:
  void* handle_;
};

constexpr int kCpu = 1;
constexpr int kRead = 0, kWrite = 1;
constexpr std::size_t kSignature = 0;

class Engine {
 public:
  explicit Engine(const Library& library) : library_(library) {}

  void open(const char* path) {
    library_.call("LiteRtCreateEnvironment", 0, static_cast<const void*>(nullptr), &environment_);
    library_.call("LiteRtCreateModelFromFile", environment_, path, &model_);
    library_.call("LiteRtGetModelSignature", model_, kSignature, &signature_);
  }

  void create() {
    Handle options = nullptr;
    library_.call("LiteRtCreateOptions", &options);
    library_.call("LiteRtSetOptionsHardwareAccelerators", options, kCpu);
    library_.call("LiteRtCreateCompiledModel", environment_, model_, options, &compiled_);
    std::size_t count = 0;
    library_.call("LiteRtGetNumSignatureInputs", signature_, &count);
    for (std::size_t i = 0; i < count; ++i) inputs_.push_back(buffer("Input", i));
    output_ = buffer("Output", 0);
  }

  void set(std::vector<Input<std::int32_t>>& inputs) {
    for (std::size_t i = 0; i < inputs_.size(); ++i) {
      const char* name = nullptr;
      library_.call("LiteRtGetSignatureInputName", signature_, i, &name);
      const std::vector<std::int32_t>& ids = ids_of(inputs, name);
      void* memory = nullptr;
      library_.call("LiteRtLockTensorBuffer", inputs_[i], &memory, kWrite);
      std::memcpy(memory, ids.data(), ids.size() * sizeof(std::int32_t));
      library_.call("LiteRtUnlockTensorBuffer", inputs_[i]);
    }
  }

  std::vector<float> score(std::size_t candidates) {
    library_.call("LiteRtRunCompiledModel", compiled_, kSignature, inputs_.size(), inputs_.data(), std::size_t{1},
                  &output_);
    void* memory = nullptr;
    library_.call("LiteRtLockTensorBuffer", output_, &memory, kRead);
    const auto* const scores = static_cast<const float*>(memory);
    return {scores, scores + candidates};
  }

 private:
  /// The memory of one input or output, as the engine wants it.
  Handle buffer(const std::string& side, std::size_t index) const {
    Handle tensor = nullptr, requirements = nullptr, buffer = nullptr;
    TensorType type{};
    library_.call(("LiteRtGetSignature" + side + "TensorByIndex").c_str(), signature_, index, &tensor);
    library_.call("LiteRtGetRankedTensorType", tensor, &type);
    library_.call(("LiteRtGetCompiledModel" + side + "BufferRequirements").c_str(), compiled_, kSignature, index,
                  &requirements);
    library_.call("LiteRtCreateManagedTensorBufferFromRequirements", environment_,
                  static_cast<const TensorType*>(&type), requirements, &buffer);
    return buffer;
  }

  const Library& library_;
  Handle environment_ = nullptr, model_ = nullptr, signature_ = nullptr, compiled_ = nullptr, output_ = nullptr;
  std::vector<Handle> inputs_;
};

void run(Steps& steps, const char* path, const char* model, std::vector<Input<std::int32_t>> inputs) {
  const Library library(path);
  steps.done("load");
  Engine engine(library);
  engine.open(model);
  steps.done("open");
  engine.create();
  steps.done("create");
  engine.set(inputs);
  steps.done("set");
  const std::vector<float> scores = engine.score(ids_of(inputs, "item").size());
  steps.done("score");
  steps.report(scores);
}

}  // namespace
}  // namespace dinghy::bench

int main(int argc, char** argv) {
  using namespace dinghy::bench;
  return report_first_score("litert-start", [&](Steps& steps) {
    if (argc < 4) throw std::runtime_error("usage: litert-start LIBRARY MODEL NAME=ID,ID...");
    run(steps, argv[1], argv[2], read_inputs<std::int32_t>(argv + 3, argv + argc));
  });
}
