// SPDX-License-Identifier: Apache-2.0
#include "checkpoint/quantize.h"

#include <algorithm>
#include <cmath>
#include <memory>
#include <set>

#include "base/error.h"
#include "checkpoint/companion_files.h"
#include "checkpoint/format_choice.h"
#include "checkpoint/planned_tensor.h"
#include "io/atomic_folder.h"
#include "io/checkpoint.h"
#include "io/json.h"
#include "io/locate_model.h"
#include "models/schema.h"
#include "models/weights/finite_weights.h"
#include "models/weights/output_head.h"
#include "models/weights/weight_source.h"

namespace pangu {
namespace {

namespace fs = std::filesystem;

/// One matrix of the new checkpoint.
struct Item {
  QuantizedTensor report;
  std::string source;  ///< its name in the old one
  StoredMatrix from;
};

/// What the new file will hold.
struct Plan {
  std::vector<Item> items;
  std::vector<const TensorView*> unchanged;
  bool tied = false;    ///< of the new folder
  bool untied = false;  ///< one matrix became two
  std::string remark;   ///< on the head that was found

  QuantizationConfig config(WeightFormat format) const {
    QuantizationConfig out{.format = format, .tensors = {}};
    for (const auto& [tensor, ignored, from] : items) {
      if (tensor.to != format && !format_info(tensor.to).is_float) {
        out.tensors.emplace(tensor.name, tensor.to);
      }
    }
    return out;
  }
  bool any_quantized() const {
    return std::ranges::any_of(items,
                               [](const Item& i) { return !format_info(i.report.to).is_float; });
  }
};

int64_t stored_bytes(WeightFormat format, int64_t rows, int64_t k) {
  return rows * static_cast<int64_t>(format_info(format).row_bytes(k));
}

Item make_item(const TensorSpec& matrix, const std::string& source_name, WeightSource& source,
               const WeightFormats& formats) {
  const FormatChoice choice = *choose_format(formats, matrix);
  Item item{.report = {},
            .source = source_name,
            .from = source.matrix(source_name, matrix.rows, matrix.k)};
  QuantizedTensor& t = item.report;
  t.name = matrix.name, t.rows = matrix.rows, t.k = matrix.k;
  t.asked = choice.asked;
  t.from = item.from.format;
  t.to = choice.to;
  t.bytes_in = matrix.name == source_name ? stored_bytes(t.from, t.rows, t.k) : 0;
  t.bytes_out = stored_bytes(t.to, t.rows, t.k);
  return item;
}

/// Everything about the input is checked here, before a byte is written.
Plan make_plan(ModelConfig config, const Checkpoint& checkpoint, WeightSource& source,
               const WeightFormats& formats) {
  const OutputHead head = find_output_head(config, source);
  Plan plan;
  plan.remark = head.remark;
  plan.untied = head.is_embedding && needs_two_tables(formats, config);
  plan.tied = config.tie_word_embeddings = head.is_embedding && !plan.untied;
  std::set<std::string> taken;
  // A head that is the embedding may be stored once more; nobody reads it.
  if (head.is_embedding) taken.insert(tensor_of(config, TensorRole::kHead).name);
  const std::string embedding = tensor_of(config, TensorRole::kEmbedding).name;
  for (const TensorSpec& matrix : model_tensors(config)) {
    if (!matrix.is_matrix()) continue;
    const bool was_embedding = plan.untied && matrix.role == TensorRole::kHead;
    plan.items.push_back(
        make_item(matrix, was_embedding ? embedding : matrix.name, source, formats));
    taken.insert(matrix.name);
  }
  for (const std::string& name : source.names()) {
    if (taken.contains(name)) continue;
    plan.unchanged.push_back(checkpoint.find(name));
    require_finite(*plan.unchanged.back());
  }
  return plan;
}

void write_weights(const fs::path& file, Plan& plan, const Checkpoint& checkpoint,
                   WeightSource& source, const ProgressFn& progress, ThreadPool& threads) {
  int64_t done = 0, total = 0;
  for (const Item& item : plan.items) total += item.report.rows * item.report.k;
  std::vector<PlannedTensor> tensors;
  for (Item& item : plan.items) {
    QuantizedTensor& t = item.report;
    PlannedTensor planned{.parts = stored_parts_of(t.name, t.rows, t.k, t.to), .produce = {}};
    planned.produce = [&, parts = planned.parts.size()](const PartSink& sink) {
      t.error = round_to_nearest(item.from, t.name, t.to, threads,
                                 [&](const EncodedRows& rows, int64_t n) {
                                   for (std::size_t p = 0; p < parts; ++p) sink(p, rows.part(p));
                                   source.release(item.source);
                                   done += n * t.k;
                                   if (progress) progress("quantizing", done, total);
                                 });
    };
    tensors.push_back(std::move(planned));
  }
  for (const TensorView* t : plan.unchanged) {
    tensors.push_back(planned_copy(*t));
    tensors.back().produce = [t, &checkpoint](const PartSink& sink) {
      sink(0, t->data);
      checkpoint.drop(*t);
    };
  }
  write_planned(file, tensors);
}

Json new_config(Json json, const ModelConfig& config, const Plan& plan, WeightFormat format) {
  json.erase("quantization_config");
  if (plan.any_quantized()) json["quantization_config"] = to_json(plan.config(format));
  if (plan.tied != config.tie_word_embeddings) json["tie_word_embeddings"] = plan.tied;
  return json;
}

QuantizeReport make_report(const Plan& plan, const Checkpoint& checkpoint) {
  QuantizeReport report;
  report.untied = plan.untied;
  report.head_remark = plan.remark;
  report.bytes_in = static_cast<int64_t>(checkpoint.total_bytes());
  for (const TensorView* t : plan.unchanged) {
    report.bytes_out += static_cast<int64_t>(t->data.size());
    report.parameters_in += element_count(*t);
  }
  report.parameters_out = report.parameters_in;
  for (const Item& item : plan.items) {
    const QuantizedTensor& t = item.report;
    report.tensors.push_back(t);
    report.bytes_out += t.bytes_out;
    report.parameters_out += t.rows * t.k;
    if (t.name == item.source) report.parameters_in += t.rows * t.k;
  }
  return report;
}

void require_folder(const fs::path& in) {
  if (fs::is_directory(in)) return;
  fail<FileError>("[quantize] {} '{}'. A Hugging Face folder was expected. Check the path.{}",
                  fs::exists(in) ? "there is a file, but no folder" : "there is no folder",
                  in.string(), fs::exists(in) ? "" : bundled_models_hint(in));
}

}  // namespace

double QuantizeReport::relative_error() const {
  QuantizationError sum;
  for (const QuantizedTensor& t : tensors) {
    sum.difference2 += t.error.difference2;
    sum.norm2 += t.error.norm2;
  }
  return sum.relative();
}

std::vector<std::string> QuantizeReport::notes() const {
  std::vector<std::string> notes;
  std::set<std::string_view> before;
  ReplacedFormats replaced;
  for (const QuantizedTensor& t : tensors) {
    if (!format_info(t.from).is_float) before.insert(name(t.from));
    replaced.add({t.asked, t.to}, t.k);
  }
  if (!before.empty()) {
    notes.push_back(
        fmt::format("The input was quantized already ({}): its decoded weights were encoded anew, "
                    "so its rounding stays. The original weights give a better result.",
                    fmt::join(before, ", ")));
  }
  if (!head_remark.empty()) notes.push_back(head_remark);
  if (untied) notes.emplace_back(kTwoTablesNote);
  std::ranges::copy(replaced.notes(), std::back_inserter(notes));
  return notes;
}

QuantizeReport quantize_checkpoint(const fs::path& model, const fs::path& out,
                                   const QuantizeOptions& options, ThreadPool& threads) {
  const fs::path in = locate_model(model);
  if (!options.formats.layers) {
    fail<ConfigError>(
        "[quantize] no format was given for the layers. Give one of weight_formats().");
  }
  require_folder(in);
  AtomicFolder folder(out);
  const Json json = read_json(in / "config.json", {.max_bytes = std::size_t{4} << 20});
  const ModelConfig config = parse_model_config(json, (in / "config.json").string());
  const Checkpoint checkpoint = Checkpoint::open(in);
  const auto source = checkpoint_source(checkpoint, config.quantization);
  Plan plan = make_plan(config, checkpoint, *source, options.formats);
  // Before the work: a link that leads out of the folder ends it.
  copy_files(in, folder.path(), &is_companion_file);
  write_weights(folder.path() / "model.safetensors", plan, checkpoint, *source, options.progress,
                threads);
  write_json(folder.path() / "config.json",
             new_config(json, config, plan, *options.formats.layers));
  QuantizeReport report = make_report(plan, checkpoint);
  write_file_atomically(folder.path() / "README.md", quantized_model_card(in, options, report));
  folder.commit();
  return report;
}

}  // namespace pangu
