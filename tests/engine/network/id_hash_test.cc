// Ids that are hashed before the table, against TensorFlow.
#include <catch2/catch_test_macros.hpp>
#include <cstdint>
#include <limits>

#include "engine/network/lookup.h"
#include "schema/farmhash.h"
#include "tests/engine/random_network.h"
#include "tests/engine/vocabulary_network.h"

namespace dinghy::tests {
namespace {

using format::IdHash;

struct Reference {
  std::int64_t id;
  std::uint64_t of_million;  // in 1000003 buckets
  std::uint64_t of_all;      // in 2^63 - 1 buckets
};

// tf.strings.to_hash_bucket_fast(tf.constant([str(id)]), buckets) of TensorFlow 2.21, for every count of digits that a
// branch of the hash begins or ends with.
constexpr Reference kTensorFlow[] = {
    {0, 537292, 5975597238397796928},
    {1, 361198, 80785766752259042},
    {7, 929154, 590358713228080281},
    {9, 666077, 8943927636039079085},
    {10, 340076, 9123144724792731055},
    {42, 59059, 623910487284905736},
    {99, 133131, 1128186851707534602},
    {100, 575911, 8275097709545553548},
    {123, 501751, 6000784015536866124},
    {999, 587264, 54765538209033659},
    {1000, 652021, 9197263085409457786},
    {9999, 552132, 7398750453262648022},
    {12345, 779109, 7327511717521308921},
    {999999, 196151, 481594372334303475},
    {1234567, 22860, 7403371938570208423},
    {9999999, 652516, 4622579775136699489},
    {12345678, 470335, 3430003927990384362},
    {123456789, 924877, 7102376421209267306},
    {2147483647, 745992, 1086117229775984950},
    {2147483648, 840223, 7385943719122524294},
    {4294967296, 27723, 4179884452874092156},
    {1234567890123456, 857634, 8015733323785012261},
    {12345678901234567, 774961, 323895964247077303},
    {999999999999999999, 836843, 4895536537443714133},
    {std::numeric_limits<std::int64_t>::max(), 121738, 3516461496058286512},
    {-1, 285648, 7333874265151076430},
    {-9, 904450, 3706042385363030913},
    {-10, 506090, 7395471214518915262},
    {-99, 507992, 6351093419561931665},
    {-100, 253060, 6268295378926300007},
    {-2147483648, 345099, 6520386892892340469},
    {-1234567, 454908, 4561049060225586265},
    {-123456789012345, 909409, 4412464226784202358},
    {-1234567890123456, 438067, 3423126079723869195},
    {std::numeric_limits<std::int64_t>::min(), 400334, 1493431938208774112},
};

Model model_with_hash(IdHash hash, std::uint64_t buckets, std::int64_t first_id = 0) {
  converter::Network network = random_network({});
  converter::Table& table = item_table(network);
  table.hash = hash;
  table.hash_buckets = buckets;
  table.first_id = first_id;
  const ModelFile file(network);
  return file.open();
}

const std::byte* row(const Model& model, std::uint64_t number) { return network::row_at(items_of(model), number); }

}  // namespace

TEST_CASE("Trap 20: the hash of an id is FarmHash's Fingerprint64 of its decimal string, as TensorFlow computes it",
          "[network]") {
  for (const Reference& reference : kTensorFlow) {
    CAPTURE(reference.id);
    const std::uint64_t hash = format::farmhash64_of_decimal(reference.id);
    CHECK(hash % 1000003 == reference.of_million);
    CHECK(hash % std::numeric_limits<std::int64_t>::max() == reference.of_all);
  }
}

TEST_CASE("Trap 20: a hashed id has the row of its bucket, 0 too unless it is kept for padding", "[network]") {
  const Model plain = model_with_hash(IdHash::farmhash64_decimal, 47);
  const Model keeps_zero = model_with_hash(IdHash::farmhash64_decimal_keep_zero, 47);
  for (const Reference& reference : kTensorFlow) {
    CAPTURE(reference.id);
    const std::uint64_t hash = format::farmhash64_of_decimal(reference.id);
    CHECK(look_up(items_of(plain), reference.id).row == row(plain, hash % 47));
    // DeepCTR: 0 stays 0, and no other id may be taken for padding.
    const std::uint64_t kept = reference.id == 0 ? 0 : hash % 46 + 1;
    CHECK(look_up(items_of(keeps_zero), reference.id).row == row(keeps_zero, kept));
  }
}

TEST_CASE("lookup: the first id of a hashed table counts from the bucket", "[network]") {
  const Model model = model_with_hash(IdHash::farmhash64_decimal, 50, 3);
  const std::uint64_t bucket = format::farmhash64_of_decimal(42) % 50;
  REQUIRE(bucket >= 3);
  CHECK(look_up(items_of(model), std::int64_t{42}).row == row(model, bucket - 3));
}

TEST_CASE("open: a hash without buckets, with too many, or beside a vocabulary is refused", "[network]") {
  const auto code_of = [](IdHash hash, std::uint64_t buckets, bool vocabulary) {
    converter::Network network = vocabulary ? network_with(numbered(std::vector<std::int64_t>{1})) : random_network({});
    item_table(network).hash = hash;
    item_table(network).hash_buckets = buckets;
    const ModelFile file(network);
    return Model::open(file.path().c_str()).status().code();
  };
  CHECK(code_of(IdHash::farmhash64_decimal, 1, false) == Code::ok);
  CHECK(code_of(IdHash::farmhash64_decimal, 0, false) == Code::bad_file);
  CHECK(code_of(IdHash::farmhash64_decimal, std::uint64_t{1} << 63, false) == Code::bad_file);
  CHECK(code_of(IdHash::farmhash64_decimal_keep_zero, 1, false) == Code::bad_file);
  CHECK(code_of(IdHash::farmhash64_decimal, 50, true) == Code::bad_file);
}

}  // namespace dinghy::tests
