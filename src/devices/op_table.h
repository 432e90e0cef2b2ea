// SPDX-License-Identifier: Apache-2.0
// Ops by devices: which function runs an op on a device. A device is one OpTable; what it leaves
// null, the CPU does for it on copies (ops/launch.h).
#pragma once

#include <string_view>
#include <type_traits>
#include <vector>

#include "base/executor.h"
#include "kernels/add/add.h"
#include "kernels/distill_loss/distill_loss.h"
#include "kernels/document_attention/document_attention.h"
#include "kernels/gelu/gelu.h"
#include "kernels/gemm/gemm.h"
#include "kernels/kv_append/kv_append.h"
#include "kernels/layer_norm/layer_norm.h"
#include "kernels/linear/linear.h"
#include "kernels/loss/loss.h"
#include "kernels/paged_attention/paged_attention.h"
#include "kernels/rms_norm/rms_norm.h"
#include "kernels/rms_norm/rms_norm_backward.h"
#include "kernels/rope/rope.h"
#include "kernels/rows/rows.h"
#include "kernels/silu_mul/silu_mul.h"
#include "kernels/silu_mul/silu_mul_backward.h"
#include "kernels/softmax/softmax.h"
#include "kernels/top_k/top_k.h"

/// Every op: its name, which is that of the CPU's function, and its arguments. Pointers in
/// arguments are addresses of the device, but for those marked "host": ids, places, page tables and
/// the few numbers that the host waits for.
#define PANGU_DEVICE_OPS(OP)                                     \
  OP(add_rows, AddRowsArgs)                                      \
  OP(add_column_sums, ColumnSumsArgs)                            \
  OP(scatter_add, ScatterAddArgs)                                \
  OP(scatter_add_backward, ScatterAddBackwardArgs)               \
  OP(gather_rows, GatherRowsArgs)                                \
  OP(unpack_rows, UnpackRowsArgs)                                \
  OP(fill_rows, FillRowsArgs)                                    \
  OP(round_to_bf16, RoundToBf16Args)                             \
  OP(squared_differences, SquaredDifferencesArgs)                \
  OP(top_k, TopKArgs)                                            \
  OP(top_k_backward, TopKBackwardArgs)                           \
  OP(rms_norm, RmsNormArgs)                                      \
  OP(rms_norm_backward, RmsNormBackwardArgs)                     \
  OP(layer_norm, LayerNormArgs)                                  \
  OP(layer_norm_backward, LayerNormBackwardArgs)                 \
  OP(softmax, SoftmaxArgs)                                       \
  OP(softmax_backward, SoftmaxBackwardArgs)                      \
  OP(gelu, GeluArgs)                                             \
  OP(gelu_backward, GeluBackwardArgs)                            \
  OP(silu_mul, SiluMulArgs)                                      \
  OP(silu_mul_backward, SiluMulBackwardArgs)                     \
  OP(rope, RopeArgs)                                             \
  OP(linear, LinearArgs)                                         \
  OP(gemm, GemmArgs)                                             \
  OP(kv_append, KvAppendArgs)                                    \
  OP(paged_attention, PagedAttentionArgs)                        \
  OP(document_attention, DocumentAttentionArgs)                  \
  OP(document_attention_backward, DocumentAttentionBackwardArgs) \
  OP(cross_entropy, CrossEntropyArgs)                            \
  OP(distill, DistillArgs)                                       \
  OP(distill_top, DistillTopArgs)

namespace pangu {

template <class Args>
using DeviceFn = void (*)(const Args& args, const Executor& on);

struct OpTable {
#define PANGU_DEVICE_OP(name, Args) DeviceFn<kernels::Args> name = nullptr;
  PANGU_DEVICE_OPS(PANGU_DEVICE_OP)
#undef PANGU_DEVICE_OP
};

/// A place in the table.
template <class Args>
using DeviceOp = DeviceFn<Args> OpTable::*;

/// Names of all ops.
std::vector<std::string_view> op_names();

/// Names of the ops that a device lacks.
std::vector<std::string_view> missing_ops(const OpTable& table);

/// The name of an op.
template <class Args>
std::string_view op_name(DeviceOp<Args> op) {
#define PANGU_DEVICE_OP(name, Its)                                        \
  if constexpr (std::is_same_v<DeviceFn<Args>, DeviceFn<kernels::Its>>) { \
    if (op == &OpTable::name) return #name;                               \
  }
  PANGU_DEVICE_OPS(PANGU_DEVICE_OP)
#undef PANGU_DEVICE_OP
  return "?";
}

}  // namespace pangu
