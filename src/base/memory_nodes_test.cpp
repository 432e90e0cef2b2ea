// SPDX-License-Identifier: Apache-2.0
// Machines as hwloc describes them, real ones and odd ones.
#include "base/memory_nodes.h"

#include <gmock/gmock.h>

#include <numeric>

#include "base/allowed_processors.h"
#include "pangu/error.h"
#include "tests/support/support.h"

namespace pangu {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::Field;
using ::testing::IsEmpty;
using ::testing::Matcher;

std::vector<int> up_to(int n) {
  std::vector<int> numbers(static_cast<std::size_t>(n));
  std::iota(numbers.begin(), numbers.end(), 0);
  return numbers;
}

std::vector<MemoryNode> nodes_of(const std::string& synthetic, const std::vector<int>& allowed) {
  return read_memory_nodes({.synthetic = synthetic, .xml = {}}, allowed, allowed);
}

Matcher<MemoryNode> node(int number, const std::vector<int>& processors, int cores) {
  return AllOf(Field(&MemoryNode::number, number), Field(&MemoryNode::processors, processors),
               Field(&MemoryNode::cores, cores));
}

TEST(MemoryNodes, HardwareThreadsOfACoreAreOneCore) {
  EXPECT_THAT(nodes_of("numa:2 core:4 pu:2", up_to(16)),
              ElementsAre(node(0, up_to(8), 4), node(1, {8, 9, 10, 11, 12, 13, 14, 15}, 4)));
  EXPECT_THAT(
      nodes_of("numa:4 l3:2 core:1 pu:1", up_to(8)),
      ElementsAre(node(0, {0, 1}, 2), node(1, {2, 3}, 2), node(2, {4, 5}, 2), node(3, {6, 7}, 2)));
}

TEST(MemoryNodes, OnlyProcessorsThatMayBeUsedCount) {
  EXPECT_THAT(nodes_of("numa:2 core:4 pu:2", {1, 8, 9, 14}),
              ElementsAre(node(0, {1}, 1), node(1, {8, 9, 14}, 2)));
  EXPECT_THAT(nodes_of("numa:2 core:4 pu:2", {9, 10}), ElementsAre(node(1, {9, 10}, 2)))
      << "all of them on one node";
  EXPECT_THAT(nodes_of("numa:2 core:1 pu:1", {0, 1, 7}),
              ElementsAre(node(0, {0, 7}, 2), node(1, {1}, 1)))
      << "one that hwloc does not know";
}

TEST(MemoryNodes, SmallCoresAreNoCores) {
  const TopologySource machine{.synthetic = "numa:2 core:2 pu:1", .xml = {}};
  EXPECT_THAT(read_memory_nodes(machine, {0, 1, 2, 3}, {0, 2, 3}),
              ElementsAre(node(0, {0, 1}, 1), node(1, {2, 3}, 2)));
}

TEST(MemoryNodes, OneNodeWhereThereIsOneOrNobodyKnows) {
  EXPECT_THAT(nodes_of("core:3 pu:1", up_to(3)), ElementsAre(node(0, up_to(3), 3)));
  EXPECT_THAT(nodes_of("what is this", up_to(3)), ElementsAre(node(0, up_to(3), 3)));
  EXPECT_THAT(read_memory_nodes({.synthetic = {}, .xml = "/no/such/file.xml"}, {0, 1}, {0, 1}),
              ElementsAre(node(0, {0, 1}, 2)));
}

/// A machine of one core for each item of `nodes`, which are lines of XML.
std::string xml_machine(const std::vector<std::string>& nodes, int processors) {
  std::string text =
      "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<!DOCTYPE topology SYSTEM \"hwloc2.dtd\">\n"
      "<topology version=\"2.0\">\n";
  const auto mask = [](int bits) { return fmt::format("0x{:08x}", (1 << bits) - 1); };
  const std::string sets =
      fmt::format("cpuset=\"{0}\" complete_cpuset=\"{0}\" nodeset=\"{1}\" complete_nodeset=\"{1}\"",
                  mask(processors), mask(static_cast<int>(nodes.size())));
  text += fmt::format(
      "<object type=\"Machine\" os_index=\"0\" {} allowed_cpuset=\"{}\" allowed_nodeset=\"{}\">\n",
      sets, mask(processors), mask(static_cast<int>(nodes.size())));
  for (const std::string& node : nodes) text += node;
  return text + "</object></topology>\n";
}

std::string xml_node(int number, int processor, int n, const std::string& memory) {
  std::string cores;
  const unsigned all = ((1u << n) - 1) << processor;
  for (int i = 0; i < n; ++i) {
    const std::string own = fmt::format(
        "os_index=\"{}\" cpuset=\"0x{:08x}\" complete_cpuset=\"0x{:08x}\" nodeset=\"0x{:08x}\" "
        "complete_nodeset=\"0x{:08x}\"",
        processor + i, 1u << (processor + i), 1u << (processor + i), 1u << number, 1u << number);
    cores += fmt::format("<object type=\"Core\" {0}><object type=\"PU\" {0}/></object>\n", own);
  }
  return fmt::format(
      "<object type=\"Package\" os_index=\"{0}\" cpuset=\"0x{1:08x}\" "
      "complete_cpuset=\"0x{1:08x}\" nodeset=\"0x{2:08x}\" complete_nodeset=\"0x{2:08x}\">"
      "<object type=\"NUMANode\" os_index=\"{0}\" cpuset=\"0x{1:08x}\" "
      "complete_cpuset=\"0x{1:08x}\" nodeset=\"0x{2:08x}\" complete_nodeset=\"0x{2:08x}\" {3}/>\n"
      "{4}</object>\n",
      number, all, 1u << number, memory, cores);
}

constexpr const char* kMemory = "local_memory=\"1073741824\"";

TEST(MemoryNodes, NodesOfDifferentSizes) {
  const test::ScratchDir scratch;
  const auto file = scratch / "machine.xml";
  test::write_file(file, xml_machine({xml_node(0, 0, 3, kMemory), xml_node(1, 3, 1, kMemory)}, 4));
  EXPECT_THAT(read_memory_nodes({.synthetic = {}, .xml = file.string()}, up_to(4), up_to(4)),
              ElementsAre(node(0, {0, 1, 2}, 3), node(1, {3}, 1)));
}

TEST(MemoryNodes, ProcessorsWithoutMemoryBelongToTheFirstNodeThatHasSome) {
  const test::ScratchDir scratch;
  const auto file = scratch / "machine.xml";
  test::write_file(file, xml_machine({xml_node(0, 0, 1, ""), xml_node(1, 1, 1, kMemory),
                                      xml_node(2, 2, 2, kMemory)},
                                     4));
  EXPECT_THAT(read_memory_nodes({.synthetic = {}, .xml = file.string()}, up_to(4), up_to(4)),
              ElementsAre(node(1, {0, 1}, 2), node(2, {2, 3}, 2)));
}

TEST(MemoryNodes, MemoryOfASecondKindIsNoNodeOfItsOwn) {
  EXPECT_THAT(nodes_of("pack:2 [numa(memory=4GB)] [numa(memory=1GB)] core:2 pu:1", up_to(4)),
              ElementsAre(node(0, {0, 1}, 2), node(2, {2, 3}, 2)));
}

TEST(MemoryNodes, OfThisMachineHaveItsProcessors) {
  std::vector<int> all;
  for (const MemoryNode& n : memory_nodes()) {
    all.insert(all.end(), n.processors.begin(), n.processors.end());
  }
  std::ranges::sort(all);
  EXPECT_EQ(all, allowed_processors());
}

TEST(MemoryNodes, AreChosenByName) {
  EXPECT_EQ(require_memory_nodes("auto").size(), memory_nodes().size());
  EXPECT_EQ(require_memory_nodes("").size(), memory_nodes().size());
  EXPECT_THAT(require_memory_nodes("off"), IsEmpty());
  PANGU_EXPECT_ERROR(require_memory_nodes("yes"), ConfigError, "[numa]", "'yes'", "auto, off");
}

TEST(MemoryNodes, ThreadsAreSpreadInProportionToCores) {
  const auto spread = [](const std::vector<int>& cores, int threads) {
    std::vector<MemoryNode> nodes;
    for (const int n : cores) nodes.push_back({.number = 0, .processors = {}, .cores = n});
    return threads_of_nodes(nodes, threads);
  };
  EXPECT_THAT(spread({8, 8}, 16), ElementsAre(8, 8));
  EXPECT_THAT(spread({8, 8}, 2), ElementsAre(1, 1));
  EXPECT_THAT(spread({8, 8}, 1), ElementsAre(1, 0));
  EXPECT_THAT(spread({3, 1}, 4), ElementsAre(3, 1));
  EXPECT_THAT(spread({3, 1}, 2), ElementsAre(2, 0));
  EXPECT_THAT(spread({4, 0, 4}, 4), ElementsAre(2, 0, 2)) << "small cores alone get none";
  EXPECT_THAT(spread({2, 2}, 8), ElementsAre(4, 4)) << "more than there are cores";
}

TEST(MemoryNodes, NoTwoThreadsShareACoreWhileOneIsFree) {
  for (int a = 1; a <= 5; ++a) {
    for (int b = 1; b <= 5; ++b) {
      for (int c = 1; c <= 5; ++c) {
        const int cores[] = {a, b, c};
        std::vector<MemoryNode> nodes;
        for (const int n : cores) nodes.push_back({.number = 0, .processors = {}, .cores = n});
        for (int threads = 1; threads <= a + b + c; ++threads) {
          const std::vector<int> counts = threads_of_nodes(nodes, threads);
          int sum = 0;
          for (std::size_t i = 0; i < 3; ++i) {
            ASSERT_LE(counts[i], cores[i]) << a << b << c << " " << threads;
            ASSERT_GE(counts[i], 0);
            sum += counts[i];
          }
          ASSERT_EQ(sum, threads);
        }
      }
    }
  }
}

TEST(MemoryNodes, AreToldInALine) {
  EXPECT_EQ(memory_nodes_text(nodes_of("core:3 pu:1", up_to(3))), "1");
  EXPECT_EQ(memory_nodes_text(nodes_of("numa:2 core:2 pu:2", {0, 1, 2, 3, 4, 7})),
            "2: 0 (2 cores, processors 0-3), 1 (2 cores, processors 4,7)");
  EXPECT_EQ(memory_nodes_text({}), "1");
}

}  // namespace
}  // namespace pangu
