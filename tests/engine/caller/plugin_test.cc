// The engine inside a plugin: a shared library that is loaded, used and unloaded.
#include <dlfcn.h>

#include <catch2/catch_test_macros.hpp>

#include "dinghy/dinghy.h"
#include "tests/engine/random_network.h"

namespace dinghy::tests {
namespace {

template <class Function>
Function* function_of(void* library, const char* name) {
  void* const address = ::dlsym(library, name);
  REQUIRE(address != nullptr);
  return reinterpret_cast<Function*>(address);
}

}  // namespace

TEST_CASE("plugin: the engine goes when the library that holds it is closed", "[caller]") {
  const ModelFile file(Shape{});
  void* const library = ::dlopen(DINGHY_SHARED_LIBRARY, RTLD_NOW | RTLD_LOCAL);
  INFO((library == nullptr ? ::dlerror() : ""));
  REQUIRE(library != nullptr);
  dinghy_model* model = nullptr;
  const auto open = function_of<decltype(dinghy_model_open)>(library, "dinghy_model_open");
  REQUIRE(open(file.path().c_str(), &model, nullptr) == DINGHY_OK);
  dinghy_user_state* user = nullptr;
  const auto create = function_of<decltype(dinghy_user_state_create)>(library, "dinghy_user_state_create");
  REQUIRE(create(model, nullptr, &user, nullptr) == DINGHY_OK);
  function_of<decltype(dinghy_user_state_free)>(library, "dinghy_user_state_free")(user);
  function_of<decltype(dinghy_model_free)>(library, "dinghy_model_free")(model);
  REQUIRE(::dlclose(library) == 0);
  CHECK(::dlopen(DINGHY_SHARED_LIBRARY, RTLD_NOW | RTLD_NOLOAD) == nullptr);
}

}  // namespace dinghy::tests
