// onnxruntime-start LIBRARY MODEL NAME=ID,ID…: ONNX Runtime by its C functions (first_score.h), out of the library of
// its Python package.
#include <dlfcn.h>
#include <onnxruntime_c_api.h>

#include "first_score.h"

namespace dinghy::bench {
namespace {

const OrtApi* load(const char* library) {
  void* const handle = dlopen(library, RTLD_NOW | RTLD_LOCAL);
  if (handle == nullptr) throw std::runtime_error(dlerror());
  const auto base = reinterpret_cast<const OrtApiBase* (*)()>(dlsym(handle, "OrtGetApiBase"));
  if (base == nullptr) throw std::runtime_error(std::string(library) + ": has no OrtGetApiBase");
  return base()->GetApi(ORT_API_VERSION);
}

class Engine {
 public:
  explicit Engine(const OrtApi* api) : api_(*api) {}

  void open(const char* model) {
    OrtSessionOptions* options = nullptr;
    check(api_.CreateEnv(ORT_LOGGING_LEVEL_ERROR, "start", &environment_));
    check(api_.CreateSessionOptions(&options));
    check(api_.SetIntraOpNumThreads(options, 1));
    check(api_.SetInterOpNumThreads(options, 1));
    check(api_.CreateSession(environment_, model, options, &session_));
  }

  void set(std::vector<Input<std::int32_t>>& inputs) {
    OrtMemoryInfo* memory = nullptr;
    check(api_.CreateCpuMemoryInfo(OrtArenaAllocator, OrtMemTypeDefault, &memory));
    for (Input<std::int32_t>& input : inputs) {
      const auto size = static_cast<std::int64_t>(input.ids.size());
      OrtValue* value = nullptr;
      check(api_.CreateTensorWithDataAsOrtValue(memory, input.ids.data(), input.ids.size() * sizeof(std::int32_t),
                                                &size, 1, ONNX_TENSOR_ELEMENT_DATA_TYPE_INT32, &value));
      names_.push_back(input.name.c_str());
      values_.push_back(value);
    }
  }

  std::span<const float> score(std::size_t candidates) {
    const char* const output = "scores";
    OrtValue* scores = nullptr;
    check(api_.Run(session_, nullptr, names_.data(), values_.data(), values_.size(), &output, 1, &scores));
    float* numbers = nullptr;
    check(api_.GetTensorMutableData(scores, reinterpret_cast<void**>(&numbers)));
    return {numbers, candidates};
  }

 private:
  void check(OrtStatus* status) const {
    if (status != nullptr) throw std::runtime_error(api_.GetErrorMessage(status));
  }

  const OrtApi& api_;
  OrtEnv* environment_ = nullptr;
  OrtSession* session_ = nullptr;
  std::vector<const char*> names_;
  std::vector<const OrtValue*> values_;
};

void run(Steps& steps, const char* library, const char* model, std::vector<Input<std::int32_t>> inputs) {
  Engine engine(load(library));
  steps.done("load");
  engine.open(model);
  steps.done("open");
  engine.set(inputs);
  steps.done("set");
  const auto scores = engine.score(ids_of(inputs, "item").size());
  steps.done("score");
  steps.report(scores);
}

}  // namespace
}  // namespace dinghy::bench

int main(int argc, char** argv) {
  using namespace dinghy::bench;
  return report_first_score("onnxruntime-start", [&](Steps& steps) {
    if (argc < 4) throw std::runtime_error("usage: onnxruntime-start LIBRARY MODEL NAME=ID,ID...");
    run(steps, argv[1], argv[2], read_inputs<std::int32_t>(argv + 3, argv + argc));
  });
}
