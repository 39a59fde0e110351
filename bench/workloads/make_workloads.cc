// dinghy-make-workloads FOLDER [--npy] [NAME...]: a folder for each workload (without names all but W5) with its model,
// model.dinghy, and with --npy the same numbers and a stream of requests as .npy files, which is what bench/peers gives
// to other engines.
//
// FOLDER/W2/weights/*.npy: tables by name, attention.0.weight [in][out], attention.0.bias, and for Dice .scale, .shift
// and .alpha; tower.0.weight …  FOLDER/W2/requests/*.npy: user [requests], item and category [requests][candidates],
// history_item and history_category [requests][behaviours]; the attention's scale is 1 / sqrt(width of a key).
#include <cstdio>
#include <cstring>
#include <exception>
#include <filesystem>
#include <vector>

#include "bench/requests/request_drawer.h"
#include "bench/workloads/npy_file.h"
#include "bench/workloads/random_network.h"
#include "bench/workloads/workload.h"
#include "converter/error.h"
#include "converter/model_file/writer.h"

namespace dinghy::bench {
namespace {

using std::filesystem::path;

constexpr std::uint64_t kSeed = 1;
constexpr std::size_t kRequests = 256;

void write_numbers(const path& file, const std::vector<std::size_t>& shape, const converter::Vector& numbers) {
  if (numbers.empty()) return;
  const std::vector<float> rounded(numbers.begin(), numbers.end());  // as the writer of models does
  write_npy(file.string() + ".npy", shape, rounded);
}

void write_layers(const path& prefix, const std::vector<converter::Layer>& layers) {
  for (std::size_t i = 0; i < layers.size(); ++i) {
    const std::string name = prefix.string() + "." + std::to_string(i);
    const converter::Layer& layer = layers[i];
    write_numbers(name + ".weight", {layer.weight.rows, layer.weight.cols}, layer.weight.values);
    write_numbers(name + ".bias", {layer.bias.size()}, layer.bias);
    write_numbers(name + ".scale", {layer.activation.scale.size()}, layer.activation.scale);
    write_numbers(name + ".shift", {layer.activation.shift.size()}, layer.activation.shift);
    write_numbers(name + ".alpha", {layer.activation.alpha.size()}, layer.activation.alpha);
  }
}

void write_weights(const path& folder, const converter::Network& network) {
  std::filesystem::create_directories(folder);
  for (const converter::Table& table : network.tables) {
    const std::vector<std::size_t> shape(table.source.shape.begin(), table.source.shape.end());
    std::vector<float> rows(shape[0] * shape[1]);
    table.source.read_rows(0, shape[0], std::span(rows));
    write_npy((folder / (table.name + ".npy")).string(), shape, rows);
  }
  write_layers(folder / "attention", network.interests[0].layers);
  write_layers(folder / "tower", network.tower);
}

void write_requests(const path& folder, const path& model_path, const Workload& workload) {
  std::filesystem::create_directories(folder);
  auto model = Model::open(model_path.c_str());
  if (!model.ok()) throw converter::Error(model_path.string(), model.status().message());
  RequestDrawer drawer(*model, kSeed);
  std::vector<std::vector<std::int64_t>> history(model->features().size()), others(model->features().size());
  for (std::size_t r = 0; r < kRequests; ++r) {
    const converter::Request request = drawer.draw(workload.candidates, workload.history);
    const auto append = [](auto& columns, const std::vector<converter::RequestColumn>& from) {
      for (const converter::RequestColumn& column : from) {
        columns[column.feature].insert(columns[column.feature].end(), column.ids.begin(), column.ids.end());
      }
    };
    append(history, request.history);
    append(others, request.features);
    append(others, request.candidates);
  }
  for (std::size_t f = 0; f < others.size(); ++f) {
    const auto write = [&](const std::string& name, const std::vector<std::int64_t>& ids) {
      if (!ids.empty()) write_npy((folder / (name + ".npy")).string(), {kRequests, ids.size() / kRequests}, ids);
    };
    write(std::string(model->features()[f].name), others[f]);
    write("history_" + std::string(model->features()[f].name), history[f]);
  }
}

void make(const path& folder, const Workload& workload, bool npy) {
  const converter::Network network = random_network(workload.network, kSeed);
  std::filesystem::create_directories(folder);
  const path model = folder / "model.dinghy";
  converter::write_model(network, {}, {}, model.string());
  if (!npy) return;
  write_weights(folder / "weights", network);
  write_requests(folder / "requests", model, workload);
}

int run(int argc, char** argv) {
  bool npy = false;
  std::vector<std::string_view> arguments;
  for (int i = 1; i < argc; ++i) {
    if (std::strcmp(argv[i], "--npy") == 0) {
      npy = true;
    } else {
      arguments.emplace_back(argv[i]);
    }
  }
  if (arguments.empty()) {
    std::fprintf(stderr, "usage: dinghy-make-workloads FOLDER [--npy] [NAME...]\n");
    return 2;
  }
  std::vector<const Workload*> chosen;
  for (std::size_t i = 1; i < arguments.size(); ++i) {
    chosen.push_back(find_workload(arguments[i]));
    if (chosen.back() == nullptr) throw converter::Error(std::string(arguments[i]), "is no workload");
  }
  if (chosen.empty()) {
    for (const Workload& workload : workloads()) chosen.push_back(&workload);
  }
  for (const Workload* workload : chosen) make(path(arguments[0]) / workload->name, *workload, npy);
  return 0;
}

}  // namespace
}  // namespace dinghy::bench

int main(int argc, char** argv) {
  try {
    return dinghy::bench::run(argc, argv);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "dinghy-make-workloads: %s\n", error.what());
    return 1;
  }
}
