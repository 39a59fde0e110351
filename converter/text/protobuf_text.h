// Protocol buffers in their text form, as people write configurations: names and values without a schema.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace dinghy::converter {

/// A field of a message, or a whole text, whose name is empty.
struct ProtobufText {
  std::string name;
  std::string value;                 // of a scalar: "16", "relu", without its quotes
  std::vector<ProtobufText> fields;  // of a message

  /// The first field of this name, of messages along "model_config.multi_tower"; nullptr when there is none.
  const ProtobufText* find(std::string_view path) const;
  /// All of them.
  std::vector<const ProtobufText*> all(std::string_view field) const;
  /// The value of a field, else `otherwise`.
  std::string text(std::string_view path, const std::string& otherwise = {}) const;
};

/// Throws Error at `where` with the line of what is no such text, and for messages nested deeper than 64.
ProtobufText parse_protobuf_text(std::string_view text, const std::string& where);

}  // namespace dinghy::converter
