// PairMemo as a file: saved, mapped beside its model, or read to go on.
#include <algorithm>
#include <cstring>

#include "dinghy/pair_memo.h"
#include "engine/left_out.h"
#include "engine/memo/file.h"
#include "engine/memory/owned.h"
#include "engine/scoring/integer_unit.h"
#include "engine/scoring/memo_data.h"

namespace dinghy {
namespace {

using memo::FilePart;
using Bytes = std::span<const std::byte>;

constexpr char kMixed[] = "mixed: ";

Status left_out() noexcept { return Status::error(Code::unsupported, "this build of the engine is without memo"); }

/// Only hashes of all numbers tell a retrained model from the one that the logits are of.
Status check_hashes(const network::Model& model) noexcept {
  for (const format::Segment* segment : *model.file.model().segments()) {
    if (segment->hash()) continue;
    return Status::error(Code::unsupported,
                         "the model is a file without hashes, of an older converter: no memo can be "
                         "bound to it; convert the model again");
  }
  return Status();
}

Status check_arithmetic(const memo::Origin& found, const memo::Origin& wanted) noexcept {
  if (std::strcmp(found.arithmetic, wanted.arithmetic) == 0) return Status();
  return Status::error(Code::unsupported, "the memo was computed by '%s', this is '%s'; any_arithmetic takes it",
                       found.arithmetic, wanted.arithmetic);
}

/// What a memo's logits are of when those of `origin` and of this engine stand side by side.
memo::Origin mixed(const memo::Origin& origin) noexcept {
  memo::Origin both = origin;
  if (std::strncmp(origin.arithmetic, kMixed, sizeof kMixed - 1) == 0) return both;
  constexpr std::size_t kBegin = sizeof kMixed - 1;
  std::copy_n(kMixed, kBegin, both.arithmetic);
  std::copy_n(origin.arithmetic, sizeof both.arithmetic - kBegin - 1, both.arithmetic + kBegin);
  return both;
}

FilePart file_part(const memo::Part& part) noexcept {
  if (part.memory == nullptr) return {};
  FilePart to;
  to.shape = part.sizes.shape;
  to.in_integers = part.in_integers ? 1 : 0;
  to.stored = part.kept.load(std::memory_order_relaxed) - part.replaced.load(std::memory_order_relaxed);
  return to;
}

Bytes block_of(const memo::Part& part) noexcept { return {part.memory, static_cast<std::size_t>(part.sizes.bytes())}; }

/// Makes `to` the part of a file for an interest; it gets no pairs more. False where it is of another unit.
bool take_part(const FilePart& from, const network::Interest& interest, bool in_integers, Bytes file,
               memo::Part& to) noexcept {
  const bool has_unit = interest.score == format::Score::mlp;
  if (from.shape.items == 0) return !has_unit;
  if (!has_unit || from.shape.fields != interest.fields.size() || (from.in_integers != 0) != in_integers) return false;
  to.sizes = *memo::sizes_of(from.shape);
  to.memory = const_cast<std::byte*>(file.data()) + static_cast<std::size_t>(from.offset);
  to.writable = false;
  to.in_integers = in_integers;
  to.kept = from.stored;
  return true;
}

/// Gives `data` the parts of a file that outlives it.
Status take_file(PairMemo::Data& data, const PairMemoOptions& options, Bytes file) noexcept {
  if (reinterpret_cast<std::uintptr_t>(file.data()) % memo::kBlockAlignment != 0) {
    return Status::error(Code::invalid_argument, "a memo lies at a multiple of %llu bytes",
                         static_cast<unsigned long long>(memo::kBlockAlignment));
  }
  const network::Model& model = data.network();
  Array<FilePart> parts;
  if (!parts.allocate(model.interests.size()) || !data.parts.allocate(model.interests.size())) {
    return Status::error(Code::out_of_memory, "no memory for a memo");
  }
  memo::Origin origin;
  if (Status status = memo::read_file(file, data.origin.model, {parts.begin(), parts.size()}, origin); !status) {
    return status;
  }
  if (!options.any_arithmetic) {
    if (Status status = check_arithmetic(origin, data.origin); !status) return status;
  }
  data.origin = origin;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    const network::Interest& interest = model.interests[i];
    const bool in_integers = scoring::in_integers(model.compute, data.kernels, options.integers, interest);
    if (!take_part(parts[i], interest, in_integers, file, data.parts[i])) {
      return Status::error(Code::unsupported, "the memo's logits of interests[%zu] are of another unit, or in %s", i,
                           in_integers ? "floats" : "integers");
    }
  }
  return Status();
}

/// Compares the blocks of a file, which is a memo of `data`'s model, with their hashes.
Status verify_parts(const PairMemo::Data& data, Bytes file) noexcept {
  Array<FilePart> parts;
  if (!parts.allocate(data.parts.size())) return Status::error(Code::out_of_memory, "no memory for a memo");
  memo::Origin origin;
  if (Status status = memo::read_file(file, data.origin.model, {parts.begin(), parts.size()}, origin); !status) {
    return status;
  }
  return memo::verify_file(file, parts.span());
}

/// A memo of a model and an ISA, without parts.
Status prepare(const Model& model, const PairMemoOptions& options, Owned<PairMemo::Data>& data) noexcept {
  if (Status status = scoring::make_memo(model, options, data); !status) return status;
  return check_hashes(data->network());
}

/// Moves the parts from where they lie into memory of the memo's own, where they get more pairs.
Status own_parts(PairMemo::Data& data) noexcept {
  Array<const std::byte*> from;
  if (!from.allocate(data.parts.size())) return Status::error(Code::out_of_memory, "no memory for a memo");
  for (std::size_t i = 0; i < from.size(); ++i) from[i] = data.parts[i].memory;
  if (Status status = scoring::allocate(data); !status) return status;
  for (std::size_t i = 0; i < from.size(); ++i) {
    if (from[i] == nullptr) continue;
    std::copy_n(from[i], block_of(data.parts[i]).size(), data.parts[i].memory);
    data.parts[i].writable = true;
  }
  const memo::Origin own = scoring::origin_of(data.model, data.kernels);
  if (std::strcmp(data.origin.arithmetic, own.arithmetic) != 0) data.origin = mixed(data.origin);
  return Status();
}

/// A memo in the bytes that `map(file)` gives.
template <class Map>
Status load(const Model& model, const PairMemoOptions& options, const Map& map, Owned<PairMemo::Data>& data) noexcept {
  if (!kHasMemo) return left_out();
  if (Status status = prepare(model, options, data); !status) return status;
  if (Status status = map(data->mapping); !status) return status;
  return take_file(*data, options, data->mapping.bytes());
}

}  // namespace

Result<PairMemo> PairMemo::open(const Model& model, const char* path, const PairMemoOptions& options) noexcept {
  Owned<Data> data;
  const auto map = [=](platform::MappedFile& file) noexcept { return file.map(path); };
  if (Status status = load(model, options, map, data); !status) return status;
  return PairMemo(data.release());
}

Result<PairMemo> PairMemo::open(const Model& model, int descriptor, std::uint64_t offset, std::uint64_t size,
                                const PairMemoOptions& options) noexcept {
  Owned<Data> data;
  const auto map = [=](platform::MappedFile& file) noexcept { return file.map(descriptor, offset, size); };
  if (Status status = load(model, options, map, data); !status) return status;
  return PairMemo(data.release());
}

Result<PairMemo> PairMemo::from_memory(const Model& model, Bytes bytes, MemoryOwner owner,
                                       const PairMemoOptions& options) noexcept {
  Owned<Data> data;
  bool borrowed = false;
  const auto borrow = [&](platform::MappedFile& file) noexcept {
    file.borrow(bytes, owner);
    borrowed = true;
    return Status();
  };
  if (Status status = load(model, options, borrow, data); !status) {
    if (!borrowed && owner.release != nullptr) owner.release(owner.context);
    return status;
  }
  return PairMemo(data.release());
}

Result<PairMemo> PairMemo::read(const Model& model, const char* path, const PairMemoOptions& options) noexcept {
  if (!kHasMemo) return left_out();
  Owned<Data> data;
  platform::MappedFile file;
  if (Status status = prepare(model, options, data); !status) return status;
  if (Status status = file.map(path); !status) return status;
  if (Status status = take_file(*data, options, file.bytes()); !status) return status;
  if (Status status = verify_parts(*data, file.bytes()); !status) return status;
  if (Status status = own_parts(*data); !status) return status;
  return PairMemo(data.release());
}

Status PairMemo::verify() const noexcept {
  if (!kHasMemo) return left_out();
  const Bytes file = data_->mapping.bytes();
  return file.empty() ? Status() : verify_parts(*data_, file);
}

Status PairMemo::save(const MemoSink& to) const noexcept {
  if (!kHasMemo) return left_out();
  if (to.write == nullptr) return Status::error(Code::invalid_argument, "a sink needs a function that writes");
  if (Status status = check_hashes(data_->network()); !status) return status;
  Array<FilePart> parts;
  Array<const std::byte*> blocks;
  if (!parts.allocate(data_->parts.size()) || !blocks.allocate(data_->parts.size())) {
    return Status::error(Code::out_of_memory, "no memory to save a memo");
  }
  for (std::size_t i = 0; i < parts.size(); ++i) {
    parts[i] = file_part(data_->parts[i]);
    blocks[i] = data_->parts[i].memory;
  }
  const memo::FileHeader header =
      memo::describe_file(data_->origin, {parts.begin(), parts.size()}, {blocks.begin(), blocks.size()});
  std::uint64_t written = 0;
  const auto write = [&](Bytes bytes) noexcept {
    written += bytes.size();
    return to.write(to.context, bytes.data(), bytes.size());
  };
  constexpr std::byte kZeros[64] = {};
  bool good = write(std::as_bytes(std::span(&header, 1))) && write(std::as_bytes(parts.span()));
  for (std::size_t i = 0; good && i < parts.size(); ++i) {
    if (blocks[i] == nullptr) continue;
    good = write(Bytes(kZeros).first(static_cast<std::size_t>(parts[i].offset - written))) &&
           write(block_of(data_->parts[i]));
  }
  return good ? Status() : Status::error(Code::io_error, "the sink did not take the memo's bytes");
}

}  // namespace dinghy
