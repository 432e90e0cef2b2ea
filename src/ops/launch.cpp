// SPDX-License-Identifier: Apache-2.0
#include "ops/launch.h"

#include "devices/cpu/cpu_device.h"

namespace pangu::ops {

HostCopies::HostCopies(std::initializer_list<Operand> operands) {
  for (const Operand& operand : operands) {
    if (!operand.buffer || operand.buffer->is_host()) continue;
    Copy copy{operand, allocate_buffer(cpu_device(), operand.bytes)};
    if (operand.is_read) {
      operand.buffer->memory().copy_to_host(copy.host->address(), operand.address, operand.bytes);
    }
    operand.set(operand.field, copy.host->address());
    copies_.push_back(std::move(copy));
  }
}

void HostCopies::finish() {
  for (const Copy& copy : copies_) {
    const Operand& to = copy.operand;
    if (to.is_written) {
      to.buffer->memory().copy_from_host(to.address, copy.host->address(), to.bytes);
    }
  }
}

void check_operands(std::string_view op, std::initializer_list<Operand> operands,
                    const Context& ctx) {
  for (const Operand& operand : operands) {
    if (!operand.buffer || &operand.buffer->memory() == &ctx.device()) continue;
    fail<ShapeError>("[{}] a tensor lies in the memory of {}, but the context runs on {}.", op,
                     operand.buffer->memory().name(), ctx.device().name());
  }
}

const OpTable& host_ops() {
  return cpu_device()->ops();
}

}  // namespace pangu::ops
