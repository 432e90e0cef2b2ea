// SPDX-License-Identifier: Apache-2.0
// The nodes of a machine's memory (NUMA): which processors are near to which memory, and how
// threads are spread over them. A processor reads the memory of its own node faster than another
// one's, and all nodes together give several times what one gives.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace pangu {

/// Memory, and the processors of this process that are nearest to it.
struct MemoryNode {
  int number = 0;               ///< the system's
  std::vector<int> processors;  ///< that this process may run on; never empty
  int cores = 0;                ///< physical ones among them, small cores aside
};

/// Where to look: at this machine, unless a text describes another one.
struct TopologySource {
  std::string synthetic;  ///< in hwloc's words: "numa:2 core:4 pu:2"
  std::string xml;        ///< a file as lstopo writes it
};

/// The nodes with processors among `allowed`, by number. Cores count that have a processor among
/// `fast`. A node without memory is none: its processors belong to the first that has some, as they
/// do where the system does not say whose they are. Where hwloc can tell nothing, one node has all.
std::vector<MemoryNode> read_memory_nodes(const TopologySource& from,
                                          const std::vector<int>& allowed,
                                          const std::vector<int>& fast);

/// Those of this machine, for the processors that this process may use (allowed_processors.h),
/// found once. Never empty. Where the system has one node, hwloc is not asked, unless its variables
/// HWLOC_SYNTHETIC or HWLOC_XMLFILE describe another machine: for trying things out.
const std::vector<MemoryNode>& memory_nodes();

/// What --numa may be: "auto", "off".
std::vector<std::string> numa_choices();

/// The nodes to spread threads and weights over: memory_nodes() for "auto" or an empty name, none
/// for "off". Throws ConfigError for anything else.
std::vector<MemoryNode> require_memory_nodes(std::string_view numa);

/// How many of `threads` threads each node gets: in proportion to its cores, so that as long as
/// there are cores for all, no two share one. Adds up to `threads`; `nodes` has a core.
std::vector<int> threads_of_nodes(const std::vector<MemoryNode>& nodes, int threads);

/// "2: 0 (16 cores, processors 0-15,32-47), 1 (...)", or "1".
std::string memory_nodes_text(const std::vector<MemoryNode>& nodes);

}  // namespace pangu
