// SPDX-License-Identifier: Apache-2.0
#include "apps/adaptive/item_options.h"

#include "apps/shared/commands.h"

namespace pangu::app {

std::vector<adaptive::KindTask> ItemFlags::tasks(adaptive::BuiltInItems generated) const {
  generated.items = items;
  if (files.empty()) return adaptive::built_in_tasks(generated);
  std::vector<adaptive::KindTask> out;
  for (const std::string& file : files) out.push_back(adaptive::parse_kind_task(file, items));
  return out;
}

void add_item_options(CLI::App& command, ItemFlags& flags, const ItemTexts& texts) {
  command.add_option("--task", flags.files, texts.task)
      ->default_str("generated math, code, knowledge and extraction")
      ->type_name("KIND=TASK:FILE")
      ->expected(1)
      ->take_all()
      ->group("What is asked");
  command.add_option("--items", flags.items, texts.items)
      ->type_name("N")
      ->capture_default_str()
      ->check(whole_number(3))
      ->group("What is asked");
}

}  // namespace pangu::app
