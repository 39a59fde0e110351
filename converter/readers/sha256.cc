#include "converter/readers/sha256.h"

#include <openssl/evp.h>

#include <algorithm>
#include <array>
#include <memory>
#include <vector>

#include "converter/error.h"
#include "converter/readers/storage.h"

namespace dinghy::converter {
namespace {

constexpr std::uint64_t kPiece = 1 << 20;

struct FreeContext {
  void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
};

std::string to_hex(std::span<const unsigned char> digest) {
  constexpr char kDigits[] = "0123456789abcdef";
  std::string text;
  for (const unsigned char byte : digest) {
    text += kDigits[byte >> 4];
    text += kDigits[byte & 15];
  }
  return text;
}

}  // namespace

std::string sha256_of_file(const std::string& path) {
  const FileStorage file(path);
  const std::unique_ptr<EVP_MD_CTX, FreeContext> context(EVP_MD_CTX_new());
  bool good = context && EVP_DigestInit_ex(context.get(), EVP_sha256(), nullptr) == 1;
  std::vector<std::byte> piece;
  for (std::uint64_t offset = 0; good && offset < file.size(); offset += kPiece) {
    piece.resize(std::min(kPiece, file.size() - offset));
    file.read(offset, piece);
    good = EVP_DigestUpdate(context.get(), piece.data(), piece.size()) == 1;
  }
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest;
  unsigned int length = 0;
  if (!good || EVP_DigestFinal_ex(context.get(), digest.data(), &length) != 1) {
    throw Error(path, "cannot be hashed: OpenSSL's SHA-256 failed");
  }
  return to_hex(std::span(digest).first(length));
}

}  // namespace dinghy::converter
