// What trainers put around a network: names, counters, averages, weights in parts.
#include "converter/readers/wrappers.h"

#include <catch2/catch_approx.hpp>
#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_exception.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>
#include <cmath>

#include "converter/error.h"
#include "converter/readers/archive.h"
#include "tests/converter/memory_tensor.h"
#include "tests/converter/readers/odd_files.h"

namespace dinghy::converter::test {
namespace {

using Catch::Matchers::ContainsSubstring;
using Catch::Matchers::MessageMatches;
using Names = std::vector<std::string>;
using Values = std::vector<double>;

Checkpoint named(const Names& names) {
  std::vector<Tensor> tensors;
  for (const std::string& name : names) tensors.push_back(filled(name, {2}, static_cast<float>(tensors.size())));
  return memory_checkpoint(std::move(tensors));
}

Names names_of(const std::vector<Tensor>& tensors) {
  Names names;
  for (const Tensor& tensor : tensors) names.push_back(tensor.name);
  return names;
}

Names unwrapped_names(const Names& names) {
  Checkpoint checkpoint = named(names);
  unwrap(checkpoint);
  return names_of(checkpoint.tensors);
}

Checkpoint unwrapped(std::vector<Tensor> tensors) {
  Checkpoint checkpoint = memory_checkpoint(std::move(tensors));
  unwrap(checkpoint);
  return checkpoint;
}

}  // namespace

TEST_CASE("Trap 36: a prefix falls away when all tensors share it, in any nesting", "[readers]") {
  const Names plain{"b.weight", "a.weight"};
  for (const std::string prefix : {"module.", "_orig_mod.", "model.", "net.", "state_dict.", "model_state_dict.",
                                   "module._orig_mod.", "_orig_mod.module.model.", "_forward_module.model."}) {
    CAPTURE(prefix);
    CHECK(unwrapped_names({prefix + "b.weight", prefix + "a.weight"}) == plain);
  }
  CHECK(unwrapped_names({"model.b.weight", "head.weight"}) == Names{"model.b.weight", "head.weight"});
  CHECK(unwrapped_names({"models.b", "models.a"}) == Names{"models.b", "models.a"});
}

TEST_CASE("Trap 36: wrappers around modules inside a network fall out of the names", "[readers]") {
  CHECK(unwrapped_names({"b._orig_mod.weight", "a._fsdp_wrapped_module._checkpoint_wrapped_module.weight"}) ==
        Names{"b.weight", "a.weight"});
  CHECK(unwrapped_names({"my_orig_mod.weight", "a.weight"}) == Names{"my_orig_mod.weight", "a.weight"});
}

TEST_CASE("Trap 36: counters and losses are left out, and do not keep a prefix", "[readers]") {
  Checkpoint checkpoint = named({"module.b", "n_averaged", "module.a", "criterion.pos_weight"});
  unwrap(checkpoint);
  CHECK(names_of(checkpoint.tensors) == Names{"b", "a"});
  REQUIRE(checkpoint.left_out.size() == 2);
  CHECK(checkpoint.left_out[0] == std::pair<std::string, std::string>("n_averaged", "a counter of AveragedModel"));
  CHECK(checkpoint.left_out[1].first == "criterion.pos_weight");
  CHECK(checkpoint.unwrapped == Names{"names without the prefix \"module.\""});
  // Weights of positions are a part of some networks.
  CHECK(unwrapped_names({"attention.pos_weight", "attention.bias"}).size() == 2);
}

TEST_CASE("Trap 34: an AveragedModel that never averaged is refused, since it was never trained", "[readers]") {
  const auto averaged = [](float count) {
    return unwrapped({memory_tensor("n_averaged", {}, {count}), zeros("module.b", {2}), zeros("module.a", {2})});
  };
  CHECK(averaged(3).tensors.size() == 2);
  CHECK_THROWS_MATCHES(averaged(0), Error, MessageMatches(ContainsSubstring("\"n_averaged\" is 0")));
}

TEST_CASE("Trap 22: an order that was lost is lost without the wrappers too", "[readers]") {
  Checkpoint checkpoint = named({"a._orig_mod.z", "a.b"});
  unwrap(checkpoint);
  CHECK(names_of(checkpoint.tensors) == Names{"a.z", "a.b"});
  CHECK(checkpoint.order_lost);
  checkpoint = named({"model.b", "model.a"});
  unwrap(checkpoint);
  CHECK_FALSE(checkpoint.order_lost);
}

TEST_CASE("facts of a module inside a wrapper lose its prefix, others keep it", "[readers]") {
  Checkpoint checkpoint = named({"module.b", "module.a"});
  checkpoint.facts = {{"class", "DataParallel"}, {"module.class", "DIN"}, {"module.softmax", "true"}, {"epoch", "3"}};
  checkpoint.unread = {{"module.length", "is a tensor"}, {"lengths", "is a set"}};
  unwrap(checkpoint);
  using Facts = std::vector<std::pair<std::string, std::string>>;
  CHECK(checkpoint.facts == Facts{{"epoch", "3"}, {"class", "DIN"}, {"softmax", "true"}});
  CHECK(checkpoint.unread == Facts{{"length", "is a tensor"}, {"lengths", "is a set"}});
  checkpoint = named({"model.b", "model.a"});
  checkpoint.facts = {{"model.name", "mine"}};
  unwrap(checkpoint);
  CHECK(checkpoint.facts == Facts{{"model.name", "mine"}});
}

TEST_CASE("Trap 45: weight norm is folded, with a length for each row, each column or all", "[readers]") {
  const std::vector<float> v{3, 4, 0, 5};
  for (const Names& names : {Names{"fc.weight_g", "fc.weight_v"},
                             Names{"fc.parametrizations.weight.original0", "fc.parametrizations.weight.original1"}}) {
    const auto folded = [&](std::vector<std::int64_t> shape, const std::vector<float>& g) {
      const Checkpoint checkpoint =
          unwrapped({memory_tensor("fc.bias", {2}, {0, 0}), memory_tensor(names[0], std::move(shape), g),
                     memory_tensor(names[1], {2, 2}, v)});
      CHECK(names_of(checkpoint.tensors) == Names{"fc.bias", "fc.weight"});
      CHECK(checkpoint.unwrapped == Names{"weight norm of 1 tensor folded"});
      return checkpoint.find("fc.weight")->values();
    };
    CHECK(folded({2, 1}, {10, 20}) == Values{6, 8, 0, 20});
    CHECK(folded({1, 2}, {6, 1}) == Values{6, 4 / std::sqrt(41), 0, 5 / std::sqrt(41)});
    const Values all = folded({}, {2});
    CHECK(all[3] == Catch::Approx(2 * 5 / std::sqrt(50)));
  }
}

TEST_CASE("Trap 45: a pruned weight is what its mask leaves", "[readers]") {
  const Checkpoint checkpoint = unwrapped(
      {memory_tensor("fc.weight_orig", {2, 2}, {1, 2, 3, 4}), memory_tensor("fc.weight_mask", {2, 2}, {1, 0, 0, 1})});
  CHECK(names_of(checkpoint.tensors) == Names{"fc.weight"});
  CHECK(checkpoint.find("fc.weight")->values() == Values{1, 0, 0, 4});
}

TEST_CASE("tensors that are only called like parts of a weight stay", "[readers]") {
  CHECK(names_of(unwrapped({zeros("w_g", {2, 2}), zeros("w_v", {2, 2})}).tensors) == Names{"w_g", "w_v"});
  CHECK(names_of(unwrapped({zeros("w_v", {2, 2}), zeros("a", {2})}).tensors) == Names{"w_v", "a"});
  CHECK(names_of(unwrapped({zeros("w_orig", {2}), zeros("w_mask", {3})}).tensors) == Names{"w_orig", "w_mask"});
}

TEST_CASE("Trap 45: parametrizations that are not known are refused, not ignored", "[readers]") {
  const auto refused = [](const Names& names, const std::string& what) {
    CHECK_THROWS_MATCHES(unwrapped_names(names), Error, MessageMatches(ContainsSubstring(what)));
  };
  refused({"fc.parametrizations.weight.original", "fc.parametrizations.weight.0._u"}, "remove_parametrizations");
  refused({"fc.weight_orig", "fc.weight_u", "fc.weight_v"}, "remove_spectral_norm");
  refused({"emb._flat_param"}, "FULL_STATE_DICT");
}

TEST_CASE("Trap 44: an average among the tensors is another choice of weights", "[readers]") {
  for (const Names& prefixes :
       {Names{"online_model.", "ema_model."}, Names{"model.", "ema.module."}, Names{"", "ema."}}) {
    CAPTURE(prefixes);
    Checkpoint checkpoint = named({prefixes[0] + "b", prefixes[0] + "a", prefixes[1] + "b", prefixes[1] + "a"});
    unwrap(checkpoint);
    CHECK(names_of(checkpoint.tensors) == Names{"b", "a"});
    REQUIRE(checkpoint.alternatives.size() == 1);
    CHECK(names_of(checkpoint.alternatives[0].tensors) == Names{"b", "a"});
    CHECK(checkpoint.alternatives[0].tensors[0].values() == Values{2, 2});
  }
  CHECK(unwrapped_names({"scheme.b", "model.b"}).size() == 2);
}

TEST_CASE("Trap 44: an average of parameters has the buffers of the weights", "[readers]") {
  const Checkpoint checkpoint = read_checkpoint(fixture("shadow.pth"));
  CHECK(checkpoint.weights == "model");
  REQUIRE(checkpoint.alternatives.size() == 1);
  CHECK(checkpoint.alternatives[0].name == "ema.shadow");
  CHECK(names_of(checkpoint.alternatives[0].tensors) == Names{"a.weight", "b.weight"});
  CHECK(checkpoint.alternatives[0].tensors[0].values() == Values{1, 2, 3, 4, 5, 6});
  CHECK(checkpoint.alternatives[0].tensors[1].values() == Values{0, 1, 2});
}

TEST_CASE("an optimizer's tensors are left out in one line", "[readers]") {
  const Checkpoint checkpoint = read_checkpoint(fixture("shadow.pth"));
  REQUIRE(checkpoint.left_out.size() == 1);
  CHECK(checkpoint.left_out[0] ==
        std::pair<std::string, std::string>("optimizer (3 tensors)", "state of the optimizer"));
}

TEST_CASE("Trap 44: an average without names is there, and says why it cannot be taken", "[readers]") {
  const Checkpoint checkpoint = read_checkpoint(fixture("shadow_list.pth"));
  REQUIRE(checkpoint.alternatives.size() == 1);
  CHECK_THAT(checkpoint.alternatives[0].refusal, ContainsSubstring("a list without names"));
}

TEST_CASE("a DTensor that is whole is read, a part of one refused", "[readers]") {
  const Checkpoint whole = read_checkpoint(fixture("dtensor-1.pth"));
  CHECK(whole.find("table.weight")->shape == std::vector<std::int64_t>{5, 3});
  CHECK(whole.find("bias")->values() == Values{0, 1, 2});
  CHECK_THAT(error_of(fixture("dtensor-2.pth")), ContainsSubstring("\"table.weight\"") &&
                                                     ContainsSubstring("part [3, 3] of one process") &&
                                                     ContainsSubstring("full_state_dict=True"));
}

TEST_CASE("readers: a DTensor that is a summand is refused", "[readers]") {
  const TemporaryFolder folder;
  const auto archive = Archive::open(fixture("dtensor-1.pth"));
  std::vector<Member> members;
  for (const std::string& name : archive->names()) {
    const std::vector<std::byte> bytes = archive->bytes(name, 1 << 20);
    members.push_back({name, {reinterpret_cast<const char*>(bytes.data()), bytes.size()}});
  }
  const std::string path = folder.path("model.pth"), whole = "Replicate\n";
  write_zip(path, members);
  CHECK(read_checkpoint(path).find("bias"));
  const std::size_t at = members[0].bytes.find(whole);
  REQUIRE(at != std::string::npos);
  members[0].bytes.replace(at, whole.size(), "_Partial\n");
  write_zip(path, members);
  CHECK_THAT(error_of(path), ContainsSubstring("is one summand of a DTensor; save .full_tensor()"));
}

TEST_CASE("Trap 22: files of PyTorch with an index are one model, whose order is lost", "[readers]") {
  for (const std::string path : {"sharded-torch", "sharded-torch/pytorch_model.bin.index.json"}) {
    const Checkpoint checkpoint = read_checkpoint(fixture(path));
    CHECK(checkpoint.format == "pytorch zip state_dict, 2 files");
    CHECK(names_of(checkpoint.tensors) == Names{"out.bias", "out.weight", "table.weight"});
    CHECK(checkpoint.find("table.weight")->values() == Values{0, 1, 2, 3, 4, 5});
    CHECK(checkpoint.order_lost);
  }
}

TEST_CASE("a folder with one file of a usual name is that file", "[readers]") {
  const TemporaryFolder folder;
  folder.write("config.json", "{}");
  folder.write("pytorch_model.bin", read_file(fixture("protocol4.pth")));
  CHECK(names_of(read_checkpoint(folder.path("")).tensors) == Names{"a.weight", "b.weight"});
  folder.write("model.safetensors", read_file(fixture("dtypes.safetensors")));
  CHECK_THAT(error_of(folder.path("")),
             ContainsSubstring("holds several models, model.safetensors, pytorch_model.bin"));
}

}  // namespace dinghy::converter::test
