// SPDX-License-Identifier: Apache-2.0
#include "base/memory_nodes.h"

#include <hwloc.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <map>
#include <memory>
#include <set>

#include "base/allowed_processors.h"
#include "base/error.h"
#include "base/log.h"
#include "base/processor_cores.h"

namespace pangu {
namespace {

struct DestroyTopology {
  void operator()(hwloc_topology_t topology) const { hwloc_topology_destroy(topology); }
};
using Topology = std::unique_ptr<hwloc_topology, DestroyTopology>;

/// Null if hwloc cannot make one.
Topology load_topology(const TopologySource& from) {
  hwloc_topology_t raw = nullptr;
  if (hwloc_topology_init(&raw) != 0) return nullptr;
  Topology topology(raw);
  const bool is_set =
      (from.synthetic.empty() || hwloc_topology_set_synthetic(raw, from.synthetic.c_str()) == 0) &&
      (from.xml.empty() || hwloc_topology_set_xml(raw, from.xml.c_str()) == 0);
  // The system's files tell what is needed; asking each processor would move this thread about.
  hwloc_topology_set_components(raw, HWLOC_TOPOLOGY_COMPONENTS_FLAG_BLACKLIST, "x86");
  if (!is_set || hwloc_topology_load(raw) != 0) return nullptr;
  return topology;
}

/// The nodes that have memory; all of them if none says so.
std::vector<hwloc_obj_t> nodes_with_memory(hwloc_topology_t topology) {
  std::vector<hwloc_obj_t> nodes;
  for (hwloc_obj_t node = nullptr;
       (node = hwloc_get_next_obj_by_type(topology, HWLOC_OBJ_NUMANODE, node));) {
    nodes.push_back(node);
  }
  const auto has_memory = [](hwloc_obj_t node) { return node->attr->numanode.local_memory > 0; };
  if (std::ranges::any_of(nodes, has_memory)) {
    std::erase_if(nodes, [&](hwloc_obj_t node) { return !has_memory(node); });
  }
  std::ranges::sort(nodes, {}, [](hwloc_obj_t node) { return node->os_index; });
  return nodes;
}

/// The node with the fewest processors that is near to this one, for memory of another kind may be
/// near to those of several nodes; the first of equal ones, which is where the system allocates.
hwloc_obj_t node_of(const std::vector<hwloc_obj_t>& nodes, unsigned processor) {
  hwloc_obj_t best = nullptr;
  for (const hwloc_obj_t node : nodes) {
    if (!hwloc_bitmap_isset(node->cpuset, processor)) continue;
    if (!best || hwloc_bitmap_weight(node->cpuset) < hwloc_bitmap_weight(best->cpuset)) {
      best = node;
    }
  }
  return best ? best : nodes.front();
}

/// The number of a processor's core; a processor without one is a core of its own.
int core_of(hwloc_topology_t topology, int processor) {
  const hwloc_obj_t unit = hwloc_get_pu_obj_by_os_index(topology, static_cast<unsigned>(processor));
  const hwloc_obj_t core =
      unit ? hwloc_get_ancestor_obj_by_type(topology, HWLOC_OBJ_CORE, unit) : nullptr;
  return core ? static_cast<int>(core->logical_index) : -1 - processor;
}

/// For machines that say nothing.
std::vector<MemoryNode> one_node(const std::vector<int>& allowed, const std::vector<int>& fast) {
  return {{.number = 0, .processors = allowed, .cores = static_cast<int>(fast.size())}};
}

/// What hwloc's variables say of another machine: hwloc itself passes over what it cannot read.
TopologySource described_by_variables() {
  const auto text = [](const char* name) {
    const char* const value = std::getenv(name);
    return std::string(value ? value : "");
  };
  TopologySource source{.synthetic = text("HWLOC_SYNTHETIC"), .xml = {}};
  if (source.synthetic.empty()) source.xml = text("HWLOC_XMLFILE");
  return source;
}

bool is_described(const TopologySource& from) {
  return !from.synthetic.empty() || !from.xml.empty();
}

/// Whether the system's list of nodes is a single number, and no variable tells another tale.
bool has_one_node() {
  if (is_described(described_by_variables())) return false;
  std::ifstream in("/sys/devices/system/node/online");
  std::string list;
  return !(in >> list) || list.find_first_of(",-") == std::string::npos;
}

/// "0-3,8" of ascending numbers.
std::string ranges_text(const std::vector<int>& numbers) {
  std::string text;
  for (std::size_t i = 0; i < numbers.size();) {
    std::size_t last = i;
    while (last + 1 < numbers.size() && numbers[last + 1] == numbers[last] + 1) ++last;
    text += fmt::format("{}{}", text.empty() ? "" : ",", numbers[i]);
    if (last > i) text += fmt::format("-{}", numbers[last]);
    i = last + 1;
  }
  return text;
}

}  // namespace

std::vector<MemoryNode> read_memory_nodes(const TopologySource& from,
                                          const std::vector<int>& allowed,
                                          const std::vector<int>& fast) {
  const Topology topology = load_topology(from);
  if (!topology && is_described(from)) {
    log::warning(
        "[numa] hwloc finds no machine in '{}': all memory counts as one node. Correct {}.",
        from.synthetic + from.xml, from.synthetic.empty() ? "HWLOC_XMLFILE" : "HWLOC_SYNTHETIC");
  }
  const std::vector<hwloc_obj_t> found =
      topology ? nodes_with_memory(topology.get()) : std::vector<hwloc_obj_t>();
  if (found.empty()) return one_node(allowed, fast);
  std::map<int, MemoryNode> nodes;
  std::map<int, std::set<int>> cores;
  for (const int processor : allowed) {
    const auto number =
        static_cast<int>(node_of(found, static_cast<unsigned>(processor))->os_index);
    nodes[number].number = number;
    nodes[number].processors.push_back(processor);
    if (std::ranges::find(fast, processor) != fast.end()) {
      cores[number].insert(core_of(topology.get(), processor));
    }
  }
  std::vector<MemoryNode> out;
  for (auto& [number, node] : nodes) {
    node.cores = static_cast<int>(cores[number].size());
    out.push_back(std::move(node));
  }
  return out;
}

const std::vector<MemoryNode>& memory_nodes() {
  static const std::vector<MemoryNode> nodes = [] {
    const std::vector<int>& allowed = allowed_processors();
    const std::vector<int> fast = fast_processors(kProcessorFolder, allowed);
    if (has_one_node()) {
      MemoryNode all{.processors = allowed, .cores = fast_cores(kProcessorFolder, allowed)};
      return std::vector{std::move(all)};
    }
    return read_memory_nodes(described_by_variables(), allowed, fast);
  }();
  return nodes;
}

std::vector<std::string> numa_choices() {
  return {"auto", "off"};
}

std::vector<MemoryNode> require_memory_nodes(std::string_view numa) {
  if (numa.empty() || numa == "auto") return memory_nodes();
  if (numa == "off") return {};
  fail<ConfigError>("[numa] '{}' is not known. Use one of: {}.", numa,
                    fmt::join(numa_choices(), ", "));
}

std::vector<int> threads_of_nodes(const std::vector<MemoryNode>& nodes, int threads) {
  int all = 0;
  for (const MemoryNode& node : nodes) all += node.cores;
  // Each node ends at the share that it and those before it have, rounded.
  std::vector<int> counts;
  int cores = 0, given = 0;
  for (const MemoryNode& node : nodes) {
    cores += node.cores;
    const int end = (2 * threads * cores + all) / (2 * all);
    counts.push_back(end - given);
    given = end;
  }
  return counts;
}

std::string memory_nodes_text(const std::vector<MemoryNode>& nodes) {
  if (nodes.size() <= 1) return "1";
  std::string text = std::to_string(nodes.size());
  for (const MemoryNode& node : nodes) {
    text += fmt::format("{} {} ({} core{}, processors {})", &node == &nodes.front() ? ":" : ",",
                        node.number, node.cores, node.cores == 1 ? "" : "s",
                        ranges_text(node.processors));
  }
  return text;
}

}  // namespace pangu
