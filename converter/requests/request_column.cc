#include "converter/requests/request_column.h"

namespace dinghy::converter {

Column RequestColumn::column() const {
  switch (kind) {
    case Column::Kind::numbers:
      return Column::numbers(feature, numbers);
    case Column::Kind::strings:
      return bag ? Column::string_bags(feature, views, offsets) : Column::strings(feature, views);
    case Column::Kind::rows:  // requests have ids
    case Column::Kind::ids:
      break;
  }
  return bag ? Column::bags(feature, ids, offsets) : Column::ids(feature, ids);
}

}  // namespace dinghy::converter
