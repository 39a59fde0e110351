#include "tests/fuzz/changes.h"

#include <map>
#include <memory>
#include <string>
#include <type_traits>
#include <typeindex>
#include <utility>

#include "tests/engine/model_fields.h"
#include "tests/fuzz/odd_numbers.h"

namespace dinghy::fuzz {
namespace {

using tests::Random;
namespace changeable = tests::changeable;

/// A value beside that of an integer, or a small one. Unsigned: the largest goes around.
template <class Int>
Int changed(Int value, Random& random) {
  switch (random.below(3)) {
    case 0:
      return static_cast<Int>(random.below(16));
    case 1:
      return static_cast<Int>(static_cast<std::uint64_t>(value) - 1);
    default:
      return static_cast<Int>(static_cast<std::uint64_t>(value) + 1);
  }
}

/// Walks a model and lists what can be changed in it. Values of one field name are also copied from one place to
/// another: an index of one feature into another, a tensor of one layer into another.
class Walk {
 public:
  template <class Table>
  explicit Walk(Table& t) {
    table(t);
  }
  std::vector<Change> changes() && { return std::move(changes_); }

 private:
  /// Where fields of one name and type are.
  using Places = std::shared_ptr<std::vector<void*>>;
  template <class T>
  Places places_of(const char* name) {
    Places& places = places_[{name, typeid(T)}];
    if (!places) places = std::make_shared<std::vector<void*>>();
    return places;
  }

  template <class Table>
  void table(Table& t) {
    tests::visit_fields(t, [this](const char* name, auto& field) {
      name_ = name;
      this->field(name, field);
    });
  }

  /// Remembers the place, and gives a function that copies into it from another place of this name and type.
  template <class T>
  std::function<void(Random&)> copy(const char* name, T& field) {
    const Places places = places_of<T>(name);
    places->push_back(&field);
    return [&field, from = places](Random& random) {
      T other = *static_cast<T*>((*from)[random.below(from->size())]);
      field = std::move(other);
    };
  }

  template <class T>
  void field(const char* name, T& field) {
    if constexpr (std::is_enum_v<T>) {
      add("enum", [&field](Random& random) {
        const auto last = static_cast<std::uint64_t>(T::MAX);
        field = static_cast<T>(random.below(16) == 0 ? random.below(256) : random.below(last + 2));
      });
    } else if constexpr (std::is_same_v<T, float>) {
      add("float", [&field](Random& random) { field = odd_float(random); });
    } else {
      static_assert(std::is_integral_v<T>);
      add("integer", [&field](Random& random) { field = changed(field, random); });
      add("odd integer", [&field](Random& random) { field = odd_number<T>(random); });
      add("integer of another place", copy(name, field));
      counters_.push_back([&field] { field = static_cast<T>(static_cast<std::uint64_t>(field) + 1); });
    }
  }
  template <class T>
  void field(const char*, flatbuffers::Optional<T>& field) {
    add("number left out or odd", [&field](Random& random) {
      if (random.below(2) == 0) {
        field = {};
      } else {
        field = odd_number<T>(random);
      }
    });
  }
  void field(const char*, std::string& field) {
    add("string", [&field](Random& random) { field.assign(random.below(40), static_cast<char>(random.bits())); });
  }
  void field(const char*, std::vector<std::string>& field) {
    add("strings", [&field](Random& random) { field.push_back(random.below(2) == 0 ? "mlps" : "prelu_position"); });
  }
  template <class Table>
  void field(const char* name, std::unique_ptr<Table>& field) {
    if (!tests::is_required(name)) add("part left out", [&field](Random&) { field.reset(); });
    add("part of another place", copy_part(name, field));
    add("part of odd numbers", [&field](Random& random) {
      field = std::make_unique<Table>();
      Walk inside(*field, random);
    });
    if (field) part(*field);
  }
  template <class Table>
  void field(const char* name, std::vector<std::unique_ptr<Table>>& field) {
    add("element left out", [&field](Random& random) {
      if (!field.empty()) field.erase(field.begin() + static_cast<std::ptrdiff_t>(random.below(field.size())));
    });
    add("element twice", [&field](Random& random) {
      if (field.empty()) return;
      field.push_back(std::make_unique<Table>(*field[random.below(field.size())]));
    });
    add("run of elements", [&field](Random& random) {
      if (field.empty()) return;
      const Table* last = field[random.below(field.size())].get();
      const std::uint64_t seed = random.bits();
      const bool alike = random.below(2) == 0;
      for (std::uint64_t n = std::uint64_t{1} << random.below(9); n > 0; --n) {
        field.push_back(std::make_unique<Table>(*last));
        last = field.back().get();
        if (!alike) Walk(*field.back()).step(seed);
      }
    });
    add("elements exchanged", [&field](Random& random) {
      if (field.empty()) return;
      std::swap(field[random.below(field.size())], field[random.below(field.size())]);
    });
    add("new element", [&field](Random& random) {
      field.push_back(std::make_unique<Table>());
      Walk inside(*field.back(), random);
    });
    add("elements of another place", copy_elements(name, field));
    for (auto& element : field) {
      if (!element) continue;
      copy_part(name, element);
      part(*element);
    }
  }

  template <class Table>
  void part(Table& t) {
    if (depth_++ == 0) ++part_;
    table(t);
    --depth_;
  }

  template <class Table>
  std::function<void(Random&)> copy_elements(const char* name, std::vector<std::unique_ptr<Table>>& field) {
    const Places places = places_of<std::vector<Table>>(name);
    places->push_back(&field);
    return [&field, from = places](Random& random) {
      std::vector<std::unique_ptr<Table>> copies;
      for (const auto& element :
           *static_cast<const std::vector<std::unique_ptr<Table>>*>((*from)[random.below(from->size())])) {
        copies.push_back(std::make_unique<Table>(*element));
      }
      field = std::move(copies);
    };
  }

  template <class Table>
  std::function<void(Random&)> copy_part(const char* name, std::unique_ptr<Table>& part) {
    const Places places = places_of<Table>(name);
    if (part) places->push_back(&part);
    return [&part, from = places](Random& random) {
      if (from->empty()) return;
      const auto& other = *static_cast<std::unique_ptr<Table>*>((*from)[random.below(from->size())]);
      part = other ? std::make_unique<Table>(*other) : nullptr;
    };
  }

  /// A table that is new: half of its fields get a value.
  template <class Table>
  Walk(Table& fresh, Random& random) {
    table(fresh);
    for (Change& change : changes_) {
      if (random.below(2) == 0 && change.kind != "new element" && change.kind != "part of odd numbers") {
        change.apply(random);
      }
    }
  }

  /// The same change for the same seed: mostly a number that counts.
  void step(std::uint64_t seed) {
    Random random(seed);
    if (random.below(4) != 0 && !counters_.empty()) return counters_[random.below(counters_.size())]();
    std::erase_if(changes_, [](const Change& change) { return change.kind.find("element") != std::string_view::npos; });
    if (!changes_.empty()) changes_[random.below(changes_.size())].apply(random);
  }

  void add(const char* kind, std::function<void(Random&)> apply) {
    changes_.push_back({kind, name_, depth_ == 0 ? 0 : part_, std::move(apply)});
  }

  std::vector<Change> changes_;
  std::vector<std::function<void()>> counters_;  // integers that go up
  const char* name_ = "";
  unsigned part_ = 0, depth_ = 0;
  std::map<std::pair<std::string, std::type_index>, Places> places_;
};

}  // namespace

std::vector<Change> changes_of(changeable::ModelT& model) { return Walk(model).changes(); }

}  // namespace dinghy::fuzz
