// Sizes that overflow, that are zero where scoring divides, or that do not fit what lies in the file.
#include <catch2/catch_test_macros.hpp>
#include <limits>

#include "tests/engine/hostile/refusal.h"
#include "tests/engine/vocabulary_network.h"
#include "tests/fuzz/score_hostile.h"

namespace dinghy::tests {
namespace {

using changeable::IdHash;
using changeable::ModelT;

constexpr std::uint64_t kHuge = std::numeric_limits<std::uint64_t>::max();

changeable::TensorT& weight(ModelT& m, std::size_t layer) { return *m.interests[0]->layers[layer]->weight; }

}  // namespace

TEST_CASE("hostile: a segment outside the file is refused, also where offset and size overflow together", "[hostile]") {
  check_refused(random_network({}),
                {
                    {"segments[1]: offset is not a multiple of 4096", [](ModelT& m) { ++m.segments[1]->offset; }},
                    {"segments[1]: offset is not a multiple of 4096",
                     [](ModelT& m) {
                       m.segments[1]->offset += 2048;
                       m.segments[1]->size -= 2048;
                     }},
                    {"segments[1]: overlaps", [](ModelT& m) { m.segments[1]->offset = 0; }},
                    {"segments[2]: overlaps", [](ModelT& m) { m.segments[2]->offset = m.segments[1]->offset; }},
                    {"segments[2]: reaches behind the end", [](ModelT& m) { m.segments[2]->offset = kHuge - 4095; }},
                    {"segments[1]: reaches behind the end", [](ModelT& m) { m.segments[1]->size = kHuge; }},
                    {"segments[1]: reaches behind the end",
                     [](ModelT& m) { m.segments[1]->size = kHuge - m.segments[1]->offset + 4097; }},
                    {"bytes behind the last segment", [](ModelT& m) { --m.segments.back()->size; }},
                    {"bytes behind the last segment", [](ModelT& m) { m.segments.clear(); }},
                });
}

TEST_CASE("hostile: a table that has more rows than its segment is refused, also where the product overflows",
          "[hostile]") {
  check_refused(random_network({}),
                {
                    {"tables[2] 'item': reaches behind the end of segment", [](ModelT& m) { ++m.tables[2]->rows; }},
                    {"tables[2] 'item': reaches behind", [](ModelT& m) { m.tables[2]->offset = 1; }},
                    {"tables[2] 'item': reaches behind", [](ModelT& m) { m.tables[2]->offset = kHuge - 7; }},
                    {"tables[2] 'item': reaches behind", [](ModelT& m) { m.tables[2]->row_stride = 0xffffffff; }},
                    {"tables[2] 'item': rows * row_stride overflows", [](ModelT& m) { m.tables[2]->rows = kHuge; }},
                    // 2^59 + 1 rows of 32 bytes are 32 bytes, modulo 2^64.
                    {"tables[2] 'item': rows * row_stride overflows",
                     [](ModelT& m) { m.tables[2]->rows = (std::uint64_t{1} << 59) + 1; }},
                    {"tables[2] 'item': row_stride is shorter", [](ModelT& m) { m.tables[2]->row_stride = 31; }},
                    {"tables[2] 'item': row_stride is shorter", [](ModelT& m) { m.tables[2]->row_stride = 0; }},
                    {"tables[2] 'item': row_stride is shorter", [](ModelT& m) { m.tables[2]->width = 9; }},
                    {"tables[2] 'item': width is 0", [](ModelT& m) { m.tables[2]->width = 0; }},
                    {"tables[2] 'item': width is 0 or over", [](ModelT& m) { m.tables[2]->width = 65537; }},
                });
}

TEST_CASE("hostile: a vocabulary that has more slots or characters than its segment is refused", "[hostile]") {
  const auto change = [](auto apply) { return [=](ModelT& m) { apply(*m.vocabularies[0]); }; };
  const std::string place = "vocabularies[0] 'items': ";
  check_refused(network_with(numbered(item_keys())),
                {
                    {place + "capacity is not a power of two", change([](auto& v) { v.capacity = 0; })},
                    {place + "capacity is not a power of two", change([](auto& v) { v.capacity = 3; })},
                    {place + "capacity", change([](auto& v) { v.capacity = std::uint64_t{1} << 60; })},
                    {place + "reaches behind the end", change([](auto& v) { v.capacity *= 1024; })},
                    {place + "offset is not a multiple of 16", change([](auto& v) { v.offset = 8; })},
                    {place + "reaches behind the end", change([](auto& v) { v.offset = kHuge - 15; })},
                    {place + "reaches behind the end", change([](auto& v) { v.strings_offset = kHuge; })},
                    {place + "reaches behind the end", change([](auto& v) { ++v.strings_size; })},
                    {place + "max_probes is 0", change([](auto& v) { v.max_probes = 0; })},
                    {place + "max_probes is 0 or over", change([](auto& v) { v.max_probes = 0xffffffff; })},
                });
}

TEST_CASE("hostile: a tensor that does not fit its layer or its segment is refused", "[hostile]") {
  const std::string first = "interests[0] 'interest0' layers[0]", second = "interests[0] 'interest0' layers[1]";
  check_refused(
      random_network({}),
      {
          {first + " weight: 47 rows", [](ModelT& m) { weight(m, 0).rows = 47; }},
          {first + " weight: 0 rows", [](ModelT& m) { weight(m, 0).rows = 0; }},
          {first + " weight: 4294967295 rows", [](ModelT& m) { weight(m, 0).rows = 0xffffffff; }},
          {first + ": 48 x 0", [](ModelT& m) { weight(m, 0).cols = 0; }},
          {first + ": 48 x 65537", [](ModelT& m) { weight(m, 0).cols = 65537; }},
          {first + ": stride", [](ModelT& m) { weight(m, 0).stride = 0; }},
          {first + ": stride", [](ModelT& m) { weight(m, 0).stride = 1u << 31; }},
          {second + ": offset is not a multiple of 64", [](ModelT& m) { weight(m, 1).offset = 4; }},
          {second + ": reaches behind", [](ModelT& m) { weight(m, 1).offset = std::uint64_t{1} << 40; }},
          {second + ": reaches behind", [](ModelT& m) { weight(m, 1).offset = kHuge - 63; }},
          {first + " bias: 1 x 15, it has to be 1 x 16", [](ModelT& m) { m.interests[0]->layers[0]->bias->cols = 15; }},
          {first + " bias: 2 x 16, it has to be 1 x 16", [](ModelT& m) { m.interests[0]->layers[0]->bias->rows = 2; }},
          {first + " bias: 0 x 16, it has to be 1 x 16", [](ModelT& m) { m.interests[0]->layers[0]->bias->rows = 0; }},
          {first + " alpha", [](ModelT& m) { m.interests[0]->layers[0]->activation->alpha->cols = 17; }},
          {first + " scale", [](ModelT& m) { m.interests[0]->layers[0]->activation->scale->cols = 15; }},
          {"the last layer gives 8 numbers, not one", [](ModelT& m) { m.interests[0]->layers.pop_back(); }},
          {"the last layer gives 10 logits, not 1 or 2", [](ModelT& m) { m.tower->layers.pop_back(); }},
      });
}

TEST_CASE("hostile: a zero that scoring would divide by is refused", "[hostile]") {
  converter::Network network =
      random_network({.attention_activation = format::ActivationKind::row_gate, .dense_and_bag = true});
  network.tables[0].missing = format::MissingId::clamp;
  const auto hash = [](IdHash function, std::uint64_t buckets) {
    return [=](ModelT& m) {
      m.tables[0]->hash = function;
      m.tables[0]->hash_buckets = buckets;
    };
  };
  const auto epsilon = [](float value) {
    return [=](ModelT& m) { m.interests[0]->layers[0]->activation->epsilon = value; };
  };
  check_refused(network, {
                             {"tables[0] 'user': no rows", [](ModelT& m) { m.tables[0]->rows = 0; }},
                             {"hash_buckets is too small", hash(IdHash::farmhash64_decimal, 0)},
                             {"hash_buckets is too small", hash(IdHash::farmhash64_decimal_keep_zero, 1)},
                             {"hash_buckets is too small or over", hash(IdHash::farmhash64_decimal, kHuge)},
                             {"dense_width is 0", [](ModelT& m) { m.features[4]->dense_width = 0; }},
                             {"dense_width is 0", [](ModelT& m) { m.features[5]->dense_width = 0; }},
                             {"epsilon: is not positive", epsilon(0)},
                             {"epsilon: is not positive", epsilon(-1)},
                             {"epsilon: is not positive", epsilon(std::numeric_limits<float>::quiet_NaN())},
                         });
}

TEST_CASE("hostile: widths that do not agree, and pieces that reach outside their vector, are refused", "[hostile]") {
  const auto operand = [](auto apply) { return [=](ModelT& m) { apply(*m.tower->parts[0]->operand); }; };
  const std::string outside = "tower parts[0]: begin and width reach outside its source";
  check_refused(
      random_network({.two_interests = true, .products = true, .dense_and_bag = true}),
      {
          {outside, operand([](auto& o) { o.begin = 1; })},
          {outside, operand([](auto& o) { o.width = 0; })},
          {outside, operand([](auto& o) { o.width = 1u << 30; })},
          {outside, operand([](auto& o) { o.begin = 0xffffffff, o.width = 2; })},
          {"tower parts[0]: pad_to", operand([](auto& o) { o.pad_to = 65537; })},
          {"a product of different widths",
           [](ModelT& m) {
             for (auto& part : m.tower->parts) {
               if (part->times) --part->times->width;
             }
           }},
          {"features[2] 'item': width differs", [](ModelT& m) { m.features[2]->width = 4; }},
          {"features[2] 'item': width is 0", [](ModelT& m) { m.features[2]->width = 0; }},
          {"features[2] 'item': width is 0 or over", [](ModelT& m) { m.features[2]->width = 65537; }},
          {"features[4] 'price': width is not", [](ModelT& m) { m.features[4]->width = 3; }},
          {"features[5] 'hour': width is not", [](ModelT& m) { m.features[5]->width = 2; }},
          {"features[5] 'hour' projection weight: 1 rows, its input has 2 numbers",
           [](ModelT& m) { m.features[5]->dense_width = 2; }},
          {"features[5] 'hour' projection bias", [](ModelT& m) { m.features[5]->projection->bias->cols = 2; }},
          {"dense_width is 0 or over", [](ModelT& m) { m.features[4]->dense_width = 65537; }},
          {"sequences[0]: max_length", [](ModelT& m) { m.sequences[0]->max_length = 65537; }},
          {"interests[0] 'interest0': pad_to", [](ModelT& m) { m.interests[0]->pad_to = 65537; }},
          {"tower layers[0] weight", [](ModelT& m) { m.tower->parts.pop_back(); }},
      });
}

TEST_CASE("hostile: numbers that are not finite are refused", "[hostile]") {
  const float nan = std::numeric_limits<float>::quiet_NaN(), infinity = std::numeric_limits<float>::infinity();
  check_refused(
      random_network({.attention_activation = format::ActivationKind::leaky_relu}),
      {
          {"interests[0] 'interest0': scale", [=](ModelT& m) { m.interests[0]->scale = nan; }},
          {"head: scale, shift or offset", [=](ModelT& m) { m.head->scale = infinity; }},
          {"head: scale, shift or offset", [=](ModelT& m) { m.head->shift = nan; }},
          {"head: scale, shift or offset", [=](ModelT& m) { m.head->offset = nan; }},
          {"slope: is not finite", [=](ModelT& m) { m.interests[0]->layers[0]->activation->slope = infinity; }},
      });
  for (const float bad : {nan, infinity}) {
    ChangedModel hostile(Shape{});
    const auto& tensor = *hostile.metadata.tower->layers[0]->weight;
    std::memcpy(hostile.segment(tensor.segment) + tensor.offset, &bad, sizeof bad);
    check_refused(hostile.open(), "tower layers[0]: holds a NaN or an infinity");
  }
  ChangedModel last(Shape{.tower = {16, 10}});  // whose rows have no padding
  const auto& tensor = *last.metadata.tower->layers[0]->weight;
  const std::size_t end = tensor.offset + std::size_t{tensor.rows} * tensor.stride * sizeof(float);
  std::memcpy(last.segment(tensor.segment) + end - sizeof nan, &nan, sizeof nan);
  check_refused(last.open(), "tower layers[0]: holds a NaN or an infinity");
}

TEST_CASE("hostile: a number behind the columns of a tensor is refused", "[hostile]") {
  for (const float odd :
       {1.f, -0.f, std::numeric_limits<float>::denorm_min(), std::numeric_limits<float>::infinity()}) {
    ChangedModel hostile(Shape{});
    const auto& tensor = *hostile.metadata.tower->layers[0]->weight;
    REQUIRE(tensor.cols < tensor.stride);
    std::memcpy(hostile.segment(tensor.segment) + tensor.offset + tensor.cols * sizeof odd, &odd, sizeof odd);
    check_refused(hostile.open(), "tower layers[0]: a number behind the last column is not zero");
  }
}

TEST_CASE("hostile: weights as large as a float can be end in scores of some kind in every arithmetic", "[hostile]") {
  for (const format::Compute compute : {format::Compute::f32, format::Compute::int16, format::Compute::int8}) {
    for (const float huge : {std::numeric_limits<float>::max(), std::numeric_limits<float>::denorm_min()}) {
      ChangedModel hostile(Shape{.two_interests = true, .mlps = true, .compute = compute});
      for (std::size_t at = 0; at < hostile.metadata.segments[0]->size; at += sizeof huge) {
        float weight = 0;
        std::memcpy(&weight, hostile.segment(0) + at, sizeof weight);
        if (weight != 0) std::memcpy(hostile.segment(0) + at, &huge, sizeof huge);  // not behind the columns
      }
      const auto model = hostile.open();
      REQUIRE(model.ok());
      fuzz::score_hostile(*model, 0, 1);
    }
  }
}

TEST_CASE("hostile: fields that are too wide together are refused", "[hostile]") {
  const Shape shape{.field_widths = {40'000, 40'000}, .attention = {1}, .tower = {1}, .narrow_query = true};
  check_refused(ChangedModel(shape).open(), "interests[0] 'interest0': q or k is wider than 65536");
}

TEST_CASE("hostile: more positions than a history may have are refused", "[hostile]") {
  check_refused(ChangedModel(Shape{.field_widths = {1},
                                   .attention = {1},
                                   .attention_activation = format::ActivationKind::prelu_position,
                                   .max_length = 12,
                                   .positions = 65537})
                    .open(),
                "alpha: is missing, or has not 1 columns");
}

TEST_CASE("hostile: layers by position that do not reach every position are refused", "[hostile]") {
  const Shape shape{.attention_activation = format::ActivationKind::prelu_position,
                    .pads = format::Pads::attend,
                    .pad_to = 12,
                    .max_length = 12,
                    .positions = 12};
  const auto activation = [](ModelT& m, std::size_t layer) -> changeable::ActivationT& {
    return *m.interests[0]->layers[layer]->activation;
  };
  check_refused(random_network(shape),
                {
                    {"12 positions, but histories of 13", [](ModelT& m) { m.sequences[0]->max_length = 13; }},
                    {"12 positions, but histories of 0", [](ModelT& m) { m.sequences[0]->max_length = 0; }},
                    {"12 positions, but pad_to is 13", [](ModelT& m) { m.interests[0]->pad_to = 13; }},
                    {"11 positions, a layer before has 12", [=](ModelT& m) { activation(m, 1).alpha->rows = 11; }},
                    {"alpha: is missing, or has not 16 columns", [=](ModelT& m) { activation(m, 0).alpha->cols = 15; }},
                    {"alpha: is missing", [=](ModelT& m) { activation(m, 0).alpha.reset(); }},
                    {"has no positions for its activation",
                     [](ModelT& m) {
                       auto& of_tower = m.tower->layers[0]->activation;
                       of_tower->kind = changeable::ActivationKind::prelu_position;
                       of_tower->scale.reset();
                       of_tower->shift.reset();
                     }},
                });
  ChangedModel of_logit(shape);
  auto& layers = of_logit.metadata.interests[0]->layers;
  layers[2]->activation = std::move(layers[1]->activation);
  layers[2]->activation->alpha->cols = 1;
  of_logit.make_weights_zero();
  check_refused(of_logit.open(), "the logit has an activation by position");
}

}  // namespace dinghy::tests
