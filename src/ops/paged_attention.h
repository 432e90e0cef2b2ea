// SPDX-License-Identifier: Apache-2.0
// Paged key/value storage and attention over it.
#pragma once

#include <span>
#include <vector>

#include "kernels/kv_pages.h"
#include "ops/batch.h"
#include "ops/context.h"

namespace pangu {

struct KvShape {
  int64_t n_layers;
  int64_t n_kv_heads;
  int64_t head_dim;
  KvFormat format;
};

using kernels::kPagePositions;

/// The pages of every layer. Which page belongs to which sequence is known to the runtime alone.
class KvStorage {
 public:
  /// Memory for `n_pages` pages of 32 positions; untouched pages cost none. Throws ConfigError for
  /// head sizes that the kernels do not take, OutOfMemory if the machine is too small.
  KvStorage(const KvShape& shape, int64_t n_pages, std::shared_ptr<Device> device);

  const KvShape& shape() const { return shape_; }
  int64_t n_pages() const { return n_pages_; }
  /// The pages of layer `l`, u8 [bytes]; what they hold is the device's matter.
  Tensor layer(int64_t l) const;
  /// What kernels are told of a layer, without its address.
  kernels::KvPages pages() const;
  /// Copies one page of every layer.
  void copy_page(int64_t from, int64_t to);
  /// A page of every layer, one layer after another, as page_bytes() bytes: what they hold is for
  /// the same device, shape and instruction set alone.
  void read_page(int64_t page, std::span<std::byte> out) const;
  void write_page(int64_t page, std::span<const std::byte> in);

  std::size_t page_bytes() const { return page_bytes(shape_, *device_); }
  /// Bytes of one page over all layers.
  static std::size_t page_bytes(const KvShape& shape, const Device& device);
  /// Bytes of one position over all layers.
  static double position_bytes(const KvShape& shape, const Device& device);

 private:
  KvShape shape_;
  int64_t n_pages_;
  std::shared_ptr<Device> device_;
  std::vector<std::shared_ptr<Buffer>> layers_;
};

namespace ops {

/// Stores the keys and values of a batch, f32 [T, G, D] each, in the pages of layer `l`.
void kv_append(const Tensor& k, const Tensor& v, const Batch& batch, KvStorage& cache, int64_t l,
               Context& ctx);

/// softmax(q kᵀ scale) v over each token's own past, grouped-query.
/// q f32 [T, H, D] with H a multiple of the cache's heads -> [T, H * D] of type `out`.
/// Throws ShapeError if the sizes do not fit the cache or the batch.
Tensor paged_attention(const Tensor& q, const Batch& batch, const KvStorage& cache, int64_t l,
                       float scale, DType out, Context& ctx);

}  // namespace ops
}  // namespace pangu
