#include "tests/converter/odd_nodes.h"

#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstring>
#include <filesystem>
#include <stdexcept>

namespace dinghy::converter::test {
namespace {

void make_socket(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::strncpy(address.sun_path, path.c_str(), sizeof(address.sun_path) - 1);
  const int socket = ::socket(AF_UNIX, SOCK_STREAM, 0);
  const bool made = ::bind(socket, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) == 0;
  ::close(socket);
  if (!made) throw std::runtime_error("no socket");
}

}  // namespace

std::vector<OddNode> odd_nodes(const TemporaryFolder& folder) {
  std::vector<OddNode> nodes{{folder.path("pipe"), "is a pipe"},
                             {folder.path("folder"), "is a folder"},
                             {folder.path("socket"), "is a socket"},
                             {"/dev/zero", "is a device"}};
  if (::mkfifo(nodes[0].path.c_str(), 0600) != 0) throw std::runtime_error("no pipe");
  std::filesystem::create_directory(nodes[1].path);
  make_socket(nodes[2].path);
  return nodes;
}

}  // namespace dinghy::converter::test
