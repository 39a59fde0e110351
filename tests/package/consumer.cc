// Ends with 0 when the installed engine links and says what it should about a file that is not there.
#include <dinghy/isa.h>
#include <dinghy/scorer.h>
#include <dinghy/version.h>

#include <cstdio>
#include <cstring>

int main() {
  if (std::strcmp(dinghy::version(), DINGHY_VERSION) != 0) return 1;
  for (const dinghy::Isa& isa : dinghy::isas()) std::printf("%s%s\n", isa.name, isa.available ? "" : " (not here)");
  const auto model = dinghy::Model::open("no-such-file.dinghy");
  std::printf("%s\n", model.status().message());
  return model.status().code() == dinghy::Code::io_error ? 0 : 1;
}
