// Writes the sample models into a folder, as seeds.
#include <cstdio>
#include <fstream>
#include <string>

#include "tests/fuzz/sample_models.h"

int main(int count, char** arguments) {
  if (count != 2) return std::fprintf(stderr, "usage: write_sample_models FOLDER\n"), 2;
  int number = 0;
  for (const auto& model : dinghy::fuzz::sample_models()) {
    std::ofstream file(std::string(arguments[1]) + "/sample" + std::to_string(number++), std::ios::binary);
    file.write(reinterpret_cast<const char*>(model.data()), static_cast<std::streamsize>(model.size()));
  }
  return 0;
}
