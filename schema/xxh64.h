// The hash of segments: XXH64 with seed 0, as github.com/Cyan4973/xxHash specifies it (doc/xxhash_spec.md). It takes 32
// bytes a step, so that gigabytes take less than reading them from a disk does. It finds accidents, not attacks: who
// can change a segment can change its hash too.
#pragma once

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>

namespace dinghy::format {

/// Hashes bytes that come in pieces: the result does not depend on where they were cut.
class Xxh64 {
 public:
  void add(std::span<const std::byte> bytes) noexcept {
    if (bytes.empty()) return;
    size_ += bytes.size();
    if (kept_ > 0) {
      const std::size_t more = std::min(kStripe - kept_, bytes.size());
      std::memcpy(rest_ + kept_, bytes.data(), more);
      kept_ += more;
      bytes = bytes.subspan(more);
      if (kept_ < kStripe) return;
      take({rest_, kStripe});
    }
    const std::size_t whole = bytes.size() / kStripe * kStripe;
    take(bytes.first(whole));
    kept_ = bytes.size() - whole;
    std::memcpy(rest_, bytes.data() + whole, kept_);
  }

  /// Of all bytes so far; more may follow.
  std::uint64_t digest() const noexcept {
    std::uint64_t hash = k5;
    if (size_ >= kStripe) {
      hash = std::rotl(lanes_[0], 1) + std::rotl(lanes_[1], 7) + std::rotl(lanes_[2], 12) + std::rotl(lanes_[3], 18);
      for (const std::uint64_t lane : lanes_) hash = (hash ^ round(0, lane)) * k1 + k4;
    }
    hash += size_;
    const std::byte* at = rest_;
    std::size_t left = kept_;
    for (; left >= 8; left -= 8, at += 8) hash = std::rotl(hash ^ round(0, word<std::uint64_t>(at)), 27) * k1 + k4;
    for (; left >= 4; left -= 4, at += 4) hash = std::rotl(hash ^ word<std::uint32_t>(at) * k1, 23) * k2 + k3;
    for (; left > 0; --left, ++at) hash = std::rotl(hash ^ word<std::uint8_t>(at) * k5, 11) * k1;
    hash = (hash ^ hash >> 33) * k2;
    hash = (hash ^ hash >> 29) * k3;
    return hash ^ hash >> 32;
  }

 private:
  static constexpr std::uint64_t k1 = 0x9e3779b185ebca87u, k2 = 0xc2b2ae3d27d4eb4fu, k3 = 0x165667b19e3779f9u,
                                 k4 = 0x85ebca77c2b2ae63u, k5 = 0x27d4eb2f165667c5u;
  static constexpr std::size_t kStripe = 32;

  template <class Word>
  static std::uint64_t word(const std::byte* bytes) noexcept {  // little-endian, as every machine that compiles this
    Word word;
    std::memcpy(&word, bytes, sizeof word);
    return word;
  }
  static std::uint64_t round(std::uint64_t lane, std::uint64_t word) noexcept {
    return std::rotl(lane + word * k2, 31) * k1;
  }
  void take(std::span<const std::byte> stripes) noexcept {
    std::uint64_t a = lanes_[0], b = lanes_[1], c = lanes_[2], d = lanes_[3];  // in registers: bytes may alias members
    for (const std::byte *at = stripes.data(), *end = at + stripes.size(); at != end; at += kStripe) {
      a = round(a, word<std::uint64_t>(at));
      b = round(b, word<std::uint64_t>(at + 8));
      c = round(c, word<std::uint64_t>(at + 16));
      d = round(d, word<std::uint64_t>(at + 24));
    }
    lanes_[0] = a, lanes_[1] = b, lanes_[2] = c, lanes_[3] = d;
  }

  std::uint64_t lanes_[4] = {k1 + k2, k2, 0, std::uint64_t{0} - k1};
  std::uint64_t size_ = 0;
  std::size_t kept_ = 0;  // bytes of a stripe that is not complete
  std::byte rest_[kStripe] = {};
};

/// XXH64 of some bytes.
inline std::uint64_t xxh64(std::span<const std::byte> bytes) noexcept {
  Xxh64 hash;
  hash.add(bytes);
  return hash.digest();
}

}  // namespace dinghy::format
