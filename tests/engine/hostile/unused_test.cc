// Parts that the network has no use for. They are refused, since a file that has one means another network; looking at
// some parts only when they are used is how a tensor gets bound that nothing has checked.
#include <catch2/catch_test_macros.hpp>

#include "tests/engine/hostile/refusal.h"

namespace dinghy::tests {
namespace {

using changeable::ActivationKind;
using changeable::ActivationT;
using changeable::ModelT;
using changeable::TensorT;

/// A tensor that leads nowhere.
std::unique_ptr<TensorT> wild_tensor() {
  auto tensor = std::make_unique<TensorT>();
  tensor->segment = 0x10000000;
  tensor->stride = 0x20000000;
  return tensor;
}

}  // namespace

TEST_CASE("hostile: a vector that its activation does not use is refused", "[hostile]") {
  std::unique_ptr<TensorT> ActivationT::* const vectors[] = {&ActivationT::scale, &ActivationT::shift,
                                                             &ActivationT::alpha};
  for (const auto kind :
       {ActivationKind::identity, ActivationKind::relu, ActivationKind::leaky_relu, ActivationKind::prelu,
        ActivationKind::sigmoid, ActivationKind::tanh, ActivationKind::row_gate}) {
    for (const auto vector : vectors) {
      if (vector == &ActivationT::alpha && (kind == ActivationKind::prelu || kind == ActivationKind::row_gate))
        continue;
      CAPTURE(EnumNameActivationKind(kind));
      check_refused(random_network({}),
                    {{"layers[0]: has a scale, shift or alpha that its activation does not use", [&](ModelT& m) {
                        ActivationT& activation = *m.interests[0]->layers[0]->activation;
                        auto alpha = std::move(activation.alpha);
                        activation = ActivationT();
                        activation.kind = kind;
                        activation.epsilon = 1;
                        activation.*vector = wild_tensor();
                        if (!activation.alpha) activation.alpha = std::move(alpha);
                      }}});
    }
  }
}

TEST_CASE("hostile: layers that a dot product does not use are refused", "[hostile]") {
  check_refused(random_network({.score = format::Score::dot}),
                {{"has layers, but its score is a dot product", [](ModelT& m) {
                    m.interests[0]->layers.push_back(std::make_unique<changeable::LayerT>());
                    m.interests[0]->layers[0]->weight = wild_tensor();
                  }}});
}

TEST_CASE("hostile: a projection of ids, or with an activation, is refused", "[hostile]") {
  check_refused(random_network({.dense_and_bag = true}),
                {{"features[0] 'user': has a projection, but is not dense",
                  [](ModelT& m) {
                    m.features[0]->projection = std::make_unique<changeable::LayerT>();
                    m.features[0]->projection->weight = wild_tensor();
                  }},
                 {"features[5] 'hour': a projection has no activation", [](ModelT& m) {
                    m.features[5]->projection->activation = std::make_unique<ActivationT>();
                    m.features[5]->projection->activation->alpha = wild_tensor();
                  }}});
}

TEST_CASE("hostile: a vector of padding where there are no numbers of behaviours is refused", "[hostile]") {
  check_refused(random_network({.dense_and_bag = true}),
                {{"features[0] 'user': has a pad_vector, but is not dense",
                  [](ModelT& m) { m.features[0]->pad_vector = wild_tensor(); }},
                 {"features[4] 'price': has a pad_vector, but is no column of a history",
                  [](ModelT& m) { m.features[4]->pad_vector = wild_tensor(); }}});
  check_refused(random_network({.content = true}), {{"features[4] 'content' pad_vector: 1 x 4, it has to be 1 x 5",
                                                     [](ModelT& m) { m.features[4]->pad_vector->cols = 4; }}});
}

TEST_CASE("hostile: sizes of columns that no key can be divided by are refused", "[hostile]") {
  converter::Network network = random_network({.compute = format::Compute::int8});
  const auto sized = [&](double size) {
    network.tables[1].column_sizes.assign(static_cast<std::size_t>(network.tables[1].source.shape[1]), 1);
    network.tables[1].column_sizes.back() = size;
    return network;
  };
  for (const double size : {0.0, -1.0, 1e-31, 1e31}) {
    const ModelFile file(sized(size));
    check_refused(Model::open(file.path().c_str()), "column_sizes: a number is not between 1e-30 and 1e30");
  }
  check_refused(sized(1),
                {{"column_sizes: 1 x 2, it has to be 1 x 3", [](ModelT& m) { m.tables[1]->column_sizes->cols = 2; }}});
}

}  // namespace dinghy::tests
