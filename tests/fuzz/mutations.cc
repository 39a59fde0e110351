#include "tests/fuzz/mutations.h"

#include <cstring>
#include <functional>
#include <iterator>
#include <limits>
#include <map>
#include <memory>
#include <string_view>
#include <type_traits>
#include <typeindex>

#include "tests/engine/model_fields.h"

namespace dinghy::fuzz {
namespace {

using tests::Random;
namespace changeable = tests::changeable;

/// A change that can be made somewhere in a model.
struct Change {
  const char* kind;
  std::function<void(Random&)> apply;
};

template <class Int>
Int odd_number(Random& random) {
  constexpr std::uint64_t kOdd[] = {
      0,       1,       2,          3,          15,         16,          17,
      255,     256,     4095,       4096,       65535,      65536,       65537,
      1 << 18, 1 << 20, 0x7fffffff, 0x80000000, 0xffffffff, 0x100000000, 0x7fffffffffffffff};
  if (random.below(8) == 0)
    return static_cast<Int>(std::numeric_limits<Int>::max() - static_cast<Int>(random.below(2)));
  if (random.below(8) == 0) return static_cast<Int>(random.bits() >> random.below(64));
  const std::uint64_t number = kOdd[random.below(std::size(kOdd))];
  return static_cast<Int>(random.below(4) == 0 ? std::uint64_t{0} - number : number);
}

float odd_float(Random& random) {
  using Limits = std::numeric_limits<float>;
  constexpr float kOdd[] = {0.f,
                            -0.f,
                            1.f,
                            -1.f,
                            Limits::quiet_NaN(),
                            Limits::infinity(),
                            -Limits::infinity(),
                            1e30f,
                            -1e30f,
                            Limits::max(),
                            Limits::lowest(),
                            Limits::min(),
                            Limits::denorm_min(),
                            1e-20f};
  return random.below(3) == 0 ? static_cast<float>(random.number(4)) : kOdd[random.below(std::size(kOdd))];
}

/// Walks a model and lists what can be changed in it. Values of one field name are also copied from one place to
/// another: an index of one feature into another, a tensor of one layer into another.
class Walk {
 public:
  explicit Walk(changeable::ModelT& model) { table(model); }
  std::vector<Change>& changes() { return changes_; }

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
    tests::visit_fields(t, [this](const char* name, auto& field) { this->field(name, field); });
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
      add("integer", [&field](Random& random) { field = odd_number<T>(random); });
      add("integer, a little", [&field](Random& random) {
        const std::uint64_t step = random.below(2) == 0 ? 1 : ~std::uint64_t{0};
        field = static_cast<T>(static_cast<std::uint64_t>(field) + step);  // unsigned: the largest goes around
      });
      add("integer, small", [&field](Random& random) { field = static_cast<T>(random.below(16)); });
      add("integer of another place", copy(name, field));
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
    if (field) table(*field);
  }
  template <class Table>
  void field(const char* name, std::vector<std::unique_ptr<Table>>& field) {
    add("element left out", [&field](Random& random) {
      if (!field.empty()) field.erase(field.begin() + static_cast<std::ptrdiff_t>(random.below(field.size())));
    });
    add("element twice", [&field](Random& random) {
      if (field.empty()) return;
      const Table twin = *field[random.below(field.size())];
      for (std::uint64_t n = random.below(16) == 0 ? 1 + random.below(300) : 1; n > 0; --n) {
        field.push_back(std::make_unique<Table>(twin));
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
    for (auto& element : field) {
      if (element) copy_part(name, element), table(*element);
    }
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
      if (random.below(2) == 0 && std::strcmp(change.kind, "new element") != 0 &&
          std::strcmp(change.kind, "part of odd numbers") != 0) {
        change.apply(random);
      }
    }
  }

  void add(const char* kind, std::function<void(Random&)> apply) { changes_.push_back({kind, std::move(apply)}); }

  std::vector<Change> changes_;
  std::map<std::pair<std::string, std::type_index>, Places> places_;
};

/// A few numbers of a segment: floats of a dense one, bytes of the others.
const char* change_numbers(tests::ChangedModel& model, Random& random) {
  const auto& segments = model.metadata.segments;
  if (segments.empty()) return "nothing";
  const std::size_t index = random.below(segments.size());
  const std::span<std::byte> bytes = model.bytes_of(index);
  if (bytes.size() < sizeof(float)) return "nothing";
  const bool dense = segments[index]->kind == changeable::SegmentKind::dense;
  for (std::uint64_t n = 1 + random.below(4); n > 0; --n) {
    if (dense) {
      const float number = odd_float(random);
      std::memcpy(&bytes[random.below(bytes.size() / sizeof number) * sizeof number], &number, sizeof number);
    } else {
      bytes[random.below(bytes.size())] = static_cast<std::byte>(random.bits());
    }
  }
  return dense ? "numbers of layers" : "bytes of tables and vocabularies";
}

/// FlatBuffers cannot write a table without its required parts.
template <class Table>
void complete(Table& t);

struct Complete {
  template <class T>
  void operator()(const char*, T&) const {}
  template <class Table>
  void operator()(const char* name, std::unique_ptr<Table>& part) const {
    if (!part && tests::is_required(name)) part = std::make_unique<Table>();
    if (part) complete(*part);
  }
  template <class Table>
  void operator()(const char*, std::vector<std::unique_ptr<Table>>& parts) const {
    for (auto& part : parts) complete(*part);
  }
};

template <class Table>
void complete(Table& t) {
  tests::visit_fields(t, Complete());
}

/// A kind first, then a place: tensors have most of the fields of a model, and one wrong number in them is refused.
const Change& pick(const std::vector<Change>& changes, Random& random) {
  std::map<std::string_view, std::vector<const Change*>> kinds;
  for (const Change& change : changes) kinds[change.kind].push_back(&change);
  const auto kind = std::next(kinds.begin(), static_cast<std::ptrdiff_t>(random.below(kinds.size())));
  return *kind->second[random.below(kind->second.size())];
}

}  // namespace

Mutant mutate(const tests::ChangedModel& sound, Random& random) {
  tests::ChangedModel model = sound;
  Mutant mutant;
  // Half of the mutants have one change, a quarter two …: what opens is what may do harm, and few changes open.
  do {
    if (random.below(4) == 0) {
      mutant.kinds.push_back(change_numbers(model, random));
      continue;
    }
    Walk walk(model.metadata);  // anew: the last change may have moved or removed what the walk points to
    const Change& change = pick(walk.changes(), random);
    mutant.kinds.push_back(change.kind);
    change.apply(random);
    complete(model.metadata);
  } while (mutant.kinds.size() < 8 && random.below(2) == 0);
  mutant.file = std::make_unique<tests::AlignedBytes>(model.file());
  return mutant;
}

}  // namespace dinghy::fuzz
