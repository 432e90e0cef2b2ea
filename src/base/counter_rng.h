// SPDX-License-Identifier: Apache-2.0
// Random numbers as a pure function of (seed, position, stream). There is no state to advance, so
// batch mates, chunking and wrong drafts cannot change what is drawn at a position.
#pragma once

#include <array>
#include <cstdint>

namespace pangu {

/// What random numbers are drawn for. Streams of different values are independent. Those of value 0
/// had no names of their own once: with one seed they draw the same numbers, which must not change.
enum class RandomStream : std::uint32_t {
  kToken = 0,          ///< the token at a position of a reply
  kInitialWeight = 0,  ///< a weight of a new model
  kPruningScore = 0,   ///< of a unit or weight that is removed at random
  kLineSample = 0,     ///< which lines a tokenizer is trained on
  kRecording = 0,      ///< made-up recordings that speculation is measured with
  kResample = 2,       ///< the item that is drawn in a resample of scores
};

/// Philox4x32 with 10 rounds: a keyed bijection of 128-bit counters that passes BigCrush.
/// source  Salmon et al. 2011, "Parallel random numbers: as easy as 1, 2, 3" (SC 2011).
constexpr std::array<std::uint32_t, 4> philox4x32(std::array<std::uint32_t, 4> counter,
                                                  std::array<std::uint32_t, 2> key) {
  for (int round = 0; round < 10; ++round) {
    const std::uint64_t even = std::uint64_t{0xD2511F53u} * counter[0];
    const std::uint64_t odd = std::uint64_t{0xCD9E8D57u} * counter[2];
    counter = {static_cast<std::uint32_t>(odd >> 32) ^ counter[1] ^ key[0],
               static_cast<std::uint32_t>(odd),
               static_cast<std::uint32_t>(even >> 32) ^ counter[3] ^ key[1],
               static_cast<std::uint32_t>(even)};
    key[0] += 0x9E3779B9u;
    key[1] += 0xBB67AE85u;
  }
  return counter;
}

/// 64 random bits for a position in the sequence (0 is the first prompt token).
constexpr std::uint64_t random_bits(std::uint64_t seed, std::uint64_t position,
                                    RandomStream stream) {
  const auto words =
      philox4x32({static_cast<std::uint32_t>(position), static_cast<std::uint32_t>(position >> 32),
                  static_cast<std::uint32_t>(stream), 0},
                 {static_cast<std::uint32_t>(seed), static_cast<std::uint32_t>(seed >> 32)});
  return std::uint64_t{words[1]} << 32 | words[0];
}

/// A multiple of 2^-53 in [0, 1), uniformly distributed.
constexpr double uniform(std::uint64_t seed, std::uint64_t position, RandomStream stream) {
  return static_cast<double>(random_bits(seed, position, stream) >> 11) * 0x1p-53;
}

/// Seed of the choice-th reply to one request; choice 0 keeps the request's seed.
constexpr std::uint64_t choice_seed(std::uint64_t seed, std::uint32_t choice) {
  if (choice == 0) return seed;
  const auto words = philox4x32({choice, 0, 0, 1}, {static_cast<std::uint32_t>(seed),
                                                    static_cast<std::uint32_t>(seed >> 32)});
  return std::uint64_t{words[1]} << 32 | words[0];
}

}  // namespace pangu
