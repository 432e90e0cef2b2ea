// SPDX-License-Identifier: Apache-2.0
#include "ops/paged_attention.h"

#include <utility>

#include "ops/launch.h"

namespace pangu {
namespace {

kernels::KvPages pages_of(const KvShape& shape) {
  return {.format = shape.format, .head_dim = shape.head_dim, .n_kv_heads = shape.n_kv_heads};
}

}  // namespace

KvStorage::KvStorage(const KvShape& shape, int64_t n_pages, std::shared_ptr<Device> device)
    : shape_(shape), n_pages_(n_pages), device_(std::move(device)) {
  if (shape.head_dim % 2 != 0 || shape.head_dim < 2 || shape.head_dim > kernels::kMaxHeadDim) {
    fail<ConfigError>("[kv cache] head_dim is {}; it must be even and at most {}.", shape.head_dim,
                      kernels::kMaxHeadDim);
  }
  const std::size_t bytes =
      device_->page_bytes(pages_of(shape)) * static_cast<std::size_t>(n_pages);
  for (int64_t l = 0; l < shape.n_layers; ++l) layers_.push_back(allocate_buffer(device_, bytes));
}

Tensor KvStorage::layer(int64_t l) const {
  const auto& buffer = layers_[static_cast<std::size_t>(l)];
  return {buffer, {static_cast<int64_t>(buffer->bytes())}, DType::kU8};
}

kernels::KvPages KvStorage::pages() const {
  return pages_of(shape_);
}

void KvStorage::copy_page(int64_t from, int64_t to) {
  const std::size_t bytes = device_->page_bytes(pages_of(shape_));
  for (const auto& buffer : layers_) {
    device_->copy_within(buffer->address() + static_cast<std::size_t>(to) * bytes,
                         buffer->address() + static_cast<std::size_t>(from) * bytes, bytes);
  }
}

void KvStorage::read_page(int64_t page, std::span<std::byte> out) const {
  const std::size_t bytes = device_->page_bytes(pages_of(shape_));
  for (const auto& buffer : layers_) {
    device_->copy_to_host(out.data(), buffer->address() + static_cast<std::size_t>(page) * bytes,
                          bytes);
    out = out.subspan(bytes);
  }
}

void KvStorage::write_page(int64_t page, std::span<const std::byte> in) {
  const std::size_t bytes = device_->page_bytes(pages_of(shape_));
  for (const auto& buffer : layers_) {
    device_->copy_from_host(buffer->address() + static_cast<std::size_t>(page) * bytes, in.data(),
                            bytes);
    in = in.subspan(bytes);
  }
}

std::size_t KvStorage::page_bytes(const KvShape& shape, const Device& device) {
  return device.page_bytes(pages_of(shape)) * static_cast<std::size_t>(shape.n_layers);
}

double KvStorage::position_bytes(const KvShape& shape, const Device& device) {
  return static_cast<double>(page_bytes(shape, device)) / static_cast<double>(kPagePositions);
}

namespace ops {
namespace {

/// Heads must lie back to back within a token: kernels take one stride, from token to token.
void check_heads(const char* op, const char* what, const Tensor& x, const Batch& batch,
                 int64_t dim) {
  if (x.rank() != 3 || x.dim(0) != batch.size() || x.dim(2) != dim || x.stride(1) != dim) {
    fail<ShapeError>("[{}] {} is {}; [{}, heads, {}] with heads back to back is needed.", op, what,
                     x.shape(), batch.size(), dim);
  }
}

}  // namespace

void kv_append(const Tensor& k, const Tensor& v, const Batch& batch, KvStorage& cache, int64_t l,
               Context& ctx) {
  const KvShape& shape = cache.shape();
  check_heads("kv_append", "k", k, batch, shape.head_dim);
  check_heads("kv_append", "v", v, batch, shape.head_dim);
  if (k.dim(1) != shape.n_kv_heads || v.dim(1) != shape.n_kv_heads) {
    fail<ShapeError>("[kv_append] k and v have {} and {} heads, but the cache has {}.", k.dim(1),
                     v.dim(1), shape.n_kv_heads);
  }
  for (const auto* rows : {&batch.sequences, &batch.mirrors}) {
    kernels::KvAppendArgs args{.k_stride = k.stride(0),
                               .v_stride = v.stride(0),
                               .pages = cache.pages(),
                               .sequences = *rows,
                               .page_table = batch.page_table};
    launch(&OpTable::kv_append, args,
           {reads(args.k, k), reads(args.v, v), updates(args.pages.base, cache.layer(l))}, ctx);
  }
}

Tensor paged_attention(const Tensor& q, const Batch& batch, const KvStorage& cache, int64_t l,
                       float scale, DType out, Context& ctx) {
  const KvShape& shape = cache.shape();
  check_heads("paged_attention", "q", q, batch, shape.head_dim);
  if (q.dim(1) % shape.n_kv_heads != 0) {
    fail<ShapeError>("[paged_attention] {} query heads cannot share {} key/value heads evenly.",
                     q.dim(1), shape.n_kv_heads);
  }
  Tensor y = ctx.empty({q.dim(0), q.dim(1) * q.dim(2)}, out);
  kernels::PagedAttentionArgs args{.q_stride = q.stride(0),
                                   .n_heads = q.dim(1),
                                   .scale = scale,
                                   .y_dtype = out,
                                   .pages = cache.pages(),
                                   .sequences = batch.sequences,
                                   .page_table = batch.page_table};
  launch(&OpTable::paged_attention, args,
         {reads(args.q, q), reads(args.pages.base, cache.layer(l)), writes(args.y, y)}, ctx);
  return y;
}

}  // namespace ops
}  // namespace pangu
