// FuxiCTR's feature_vocab.json: which row of its table a raw id has.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>

#include "converter/network.h"

namespace dinghy::converter {

struct FuxictrVocabulary {
  Vocabulary vocabulary;                     // without the two reserved tokens
  std::optional<std::uint64_t> unknown_row;  // __OOV__: of every id that is not in it
};

/// The vocabularies by feature. Ids are numbers where all of a feature's tokens are whole numbers of 64 bits as JSON
/// writes them, else strings. Throws Error for another form.
std::map<std::string, FuxictrVocabulary> read_feature_vocabularies(const Document& document);

}  // namespace dinghy::converter
