// Every number of the metadata with every odd value, together with every value of the enums beside it; every optional
// part there or not. A file opens or is refused, and what opens is scored. Found by walking the schema, so that a new
// field cannot be left out.
#include <catch2/catch_test_macros.hpp>
#include <functional>
#include <limits>
#include <set>
#include <string>

#include "tests/engine/hostile/refusal.h"
#include "tests/engine/model_fields.h"
#include "tests/fuzz/score_hostile.h"

namespace dinghy::tests {
namespace {

using changeable::ModelT;

constexpr std::uint64_t kOdd[] = {0,
                                  1,
                                  2,
                                  0xff,
                                  0xffff,
                                  0x10000,
                                  0x10001,
                                  0x7fffffff,
                                  0x80000000,
                                  0xffffffff,
                                  std::uint64_t{1} << 32,
                                  (std::uint64_t{1} << 32) + 1,
                                  std::uint64_t{1} << 63,
                                  std::numeric_limits<std::uint64_t>::max() - 1,
                                  std::numeric_limits<std::uint64_t>::max()};
constexpr float kOddFloats[] = {0,
                                -1,
                                std::numeric_limits<float>::quiet_NaN(),
                                std::numeric_limits<float>::infinity(),
                                std::numeric_limits<float>::max(),
                                std::numeric_limits<float>::denorm_min()};

struct Counts {
  std::size_t fields = 0, files = 0, opened = 0;
};

/// Walks a model, changes one thing at a time, calls `look` and takes the change back.
class Walk {
 public:
  Walk(std::function<void()> look, Counts& counts) : look_(std::move(look)), counts_(counts) {}

  template <class Table>
  void table(Table& t) {
    visit_fields(t, [&](const char* name, auto& field) { this->field(t, name, field); });
  }

 private:
  template <class Table, class T>
  void field(Table& owner, const char*, T& field) {
    ++counts_.fields;
    const T sound = field;
    if constexpr (std::is_enum_v<T>) {
      for (unsigned value = 0; value <= static_cast<unsigned>(T::MAX) + 1; ++value) look(field, static_cast<T>(value));
    } else if constexpr (std::is_same_v<T, float>) {
      for (const float value : kOddFloats) look(field, value);
    } else {
      std::set<T> values;
      for (const std::uint64_t value : kOdd) values.insert(static_cast<T>(value));
      for (const T value : values) with_each_enum(owner, [&] { look(field, value); });
    }
    field = sound;
  }
  template <class Table>
  void field(Table&, const char*, std::string&) {}
  template <class Table>
  void field(Table&, const char*, std::vector<std::string>&) {}
  template <class Table, class Part>
  void field(Table&, const char* name, std::unique_ptr<Part>& part) {
    ++counts_.fields;
    if (part && !is_required(name)) {
      std::unique_ptr<Part> sound;
      std::swap(part, sound);
      look_();
      std::swap(part, sound);
    }
    if (part) return table(*part);
    if constexpr (std::is_same_v<Part, changeable::TensorT> || std::is_same_v<Part, changeable::OperandT> ||
                  std::is_same_v<Part, changeable::ActivationT>) {
      part = std::make_unique<Part>();
      look_();
      table(*part);
      part.reset();
    }
  }
  template <class Table, class Part>
  void field(Table&, const char*, std::vector<std::unique_ptr<Part>>& parts) {
    ++counts_.fields;
    std::vector<std::unique_ptr<Part>> sound;
    std::swap(parts, sound);
    look_();
    std::swap(parts, sound);
    for (auto& part : parts) table(*part);
  }

  template <class T>
  void look(T& field, T value) {
    field = value;
    look_();
  }
  /// Once as things are, and once with each value of each enum of the owner.
  template <class Table, class Use>
  void with_each_enum(Table& owner, Use use) {
    use();
    visit_fields(owner, [&](const char*, auto& field) {
      using T = std::remove_reference_t<decltype(field)>;
      if constexpr (std::is_enum_v<T>) {
        const T sound = field;
        for (unsigned value = 0; value <= static_cast<unsigned>(T::MAX); ++value) {
          field = static_cast<T>(value);
          if (field != sound) use();
        }
        field = sound;
      }
    });
  }

  std::function<void()> look_;
  Counts& counts_;
};

Counts walk(const Shape& shape) {
  Counts counts;
  ChangedModel model(ModelFile(shape).bytes(), 64 << 10);
  const auto look = [&] {
    ++counts.files;
    const auto opened = model.open();
    if (!opened.ok()) return;
    if (++counts.opened % 4 == 0) fuzz::score_hostile(*opened, 64, counts.opened);
  };
  Walk(look, counts).table(model.metadata);
  return counts;
}

}  // namespace

TEST_CASE("hostile: every field with every odd value opens or is refused", "[hostile][repeats]") {
  const Counts small = walk({.field_widths = {3}, .attention = {2}, .tower = {2}, .biases = true});
  const Counts all = walk({.field_widths = {3},
                           .attention = {2},
                           .tower = {2},
                           .query_layer = true,
                           .post_layer = true,
                           .history_sums = true,
                           .products = true,
                           .dense_and_bag = true,
                           .biases = true,
                           .mlps = true,
                           .own_keys = true,
                           .content = true});
  const Counts by_position = walk({.field_widths = {1},
                                   .attention = {2},
                                   .tower = {},
                                   .attention_activation = format::ActivationKind::prelu_position,
                                   .pads = format::Pads::attend,
                                   .pad_to = 4,
                                   .max_length = 4,
                                   .positions = 4});
  for (const Counts& counts : {small, all, by_position}) {
    CAPTURE(counts.fields, counts.files, counts.opened);
    CHECK(counts.opened > counts.files / 20);
  }
  CHECK(small.files + all.files + by_position.files > 50'000);
}

}  // namespace dinghy::tests
