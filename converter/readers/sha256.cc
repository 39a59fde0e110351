#include "converter/readers/sha256.h"

#include <openssl/evp.h>

#include <algorithm>
#include <array>
#include <memory>
#include <vector>

#include "converter/error.h"
#include "converter/readers/storage.h"
#include "converter/text/number_text.h"
#include "converter/text/progress.h"

namespace dinghy::converter {
namespace {

constexpr std::uint64_t kPiece = 1 << 20;

class Sha256 {
 public:
  Sha256() : context_(EVP_MD_CTX_new()) {
    require(context_ && EVP_DigestInit_ex(context_.get(), EVP_sha256(), nullptr));
  }

  void add(std::span<const std::byte> bytes) { require(EVP_DigestUpdate(context_.get(), bytes.data(), bytes.size())); }

  /// 64 hexadecimal digits; to be called once.
  std::string digest() {
    std::array<unsigned char, EVP_MAX_MD_SIZE> bytes;
    unsigned int length = 0;
    require(EVP_DigestFinal_ex(context_.get(), bytes.data(), &length));
    std::string text;
    for (const unsigned char byte : std::span(bytes).first(length)) text += hex_byte(byte);
    return text;
  }

 private:
  static void require(bool good) {
    if (!good) throw Error("OpenSSL", "SHA-256 failed; is the library set up to forbid it?");
  }

  struct FreeContext {
    void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
  };
  std::unique_ptr<EVP_MD_CTX, FreeContext> context_;
};

}  // namespace

std::string sha256_of_file(const std::string& path) {
  const FileStorage file(path);
  Sha256 hash;
  Progress progress("MB of the checkpoint hashed", file.size());
  std::vector<std::byte> piece;
  for (std::uint64_t offset = 0; offset < file.size(); offset += kPiece) {
    piece.resize(std::min(kPiece, file.size() - offset));
    file.read(offset, piece);
    hash.add(piece);
    progress.update(offset, offset / 1'000'000);
  }
  return hash.digest();
}

std::string sha256_of_files(const std::string& folder, std::span<const std::string> names) {
  Sha256 hash;
  for (const std::string& name : names) {
    const std::string line = sha256_of_file(folder + "/" + name) + "  " + name + "\n";
    hash.add(std::as_bytes(std::span(line)));
  }
  return hash.digest();
}

}  // namespace dinghy::converter
