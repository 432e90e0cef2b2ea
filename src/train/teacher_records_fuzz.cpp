// SPDX-License-Identifier: Apache-2.0
// Any bytes as a file of a teacher cache: records whose tokens and probabilities can be used, or an
// error; and what can be used is written back as it was.
#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <span>

#include "base/hash.h"
#include "pangu/error.h"
#include "train/teacher_records.h"

namespace {

constexpr pangu::RecordShape kShape{.k = 2, .vocabulary = 8};

void require_usable(const pangu::ops::TopTokens& top) {
  for (const pangu::TokenId id : top.ids) {
    if (id < 0 || id >= kShape.vocabulary) std::abort();
  }
  for (const float p : top.log_probs) {
    if (!(std::isfinite(p) && p < 1)) std::abort();
  }
}

/// As a file.
void scan(std::span<const std::byte> bytes) {
  const auto read = [&](std::uint64_t offset, std::span<std::byte> to) {
    if (offset > bytes.size() || to.size() > bytes.size() - offset) std::abort();
    std::ranges::copy(bytes.subspan(offset, to.size()), to.begin());
  };
  const pangu::RecordScan scan = pangu::scan_records(bytes.size(), read, kShape, "fuzz");
  if (scan.end > bytes.size()) std::abort();
  for (const auto& [head, payload] : scan.records) {
    const auto from = bytes.subspan(payload, kShape.bytes(head.rows));
    const pangu::ops::TopTokens top = pangu::parse_record(from, head, kShape, "fuzz");
    require_usable(top);
    const auto again = pangu::encode_record(head.key, top);
    const auto before = bytes.subspan(payload - pangu::kRecordHeadBytes, again.size());
    if (!std::ranges::equal(again, before)) std::abort();
  }
}

/// As a payload whose checksum is right, which chance would not find.
void parse(std::span<const std::byte> bytes) {
  pangu::ContentHash hash;
  hash.add(bytes);
  const pangu::RecordHead head{.key = {},
                               .rows = static_cast<std::uint32_t>(bytes.size() / kShape.bytes(1)),
                               .payload_hash = hash.value()};
  require_usable(pangu::parse_record(bytes, head, kShape, "fuzz"));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  for (const auto look : {&scan, &parse}) {
    try {
      look(std::as_bytes(std::span(data, size)));
    } catch (const pangu::Error&) {
    }
  }
  return 0;
}
