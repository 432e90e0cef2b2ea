// SPDX-License-Identifier: Apache-2.0
// The names are those of vLLM, so that dashboards made for it show this server, too.
#include "serve/metrics.h"

#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>
#include <prometheus/text_serializer.h>

#include <algorithm>
#include <sstream>

#include "base/resources.h"

namespace pangu::serve {
namespace {

const prometheus::Histogram::BucketBoundaries kSeconds = {
    0.001, 0.005, 0.01, 0.02, 0.04, 0.06, 0.08, 0.1, 0.25, 0.5, 0.75,
    1,     2.5,   5,    7.5,  10,   20,   40,   80,  160,  640, 2560};
const prometheus::Histogram::BucketBoundaries kTokens = {
    1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10000, 20000, 50000, 100000};

}  // namespace

struct Metrics::Impl {
  using Counters = prometheus::Family<prometheus::Counter>;
  using Gauges = prometheus::Family<prometheus::Gauge>;
  using Histograms = prometheus::Family<prometheus::Histogram>;

  Counters& counter(const char* name, const char* help) {
    return prometheus::BuildCounter().Name(name).Help(help).Register(registry);
  }
  Gauges& gauge(const char* name, const char* help) {
    return prometheus::BuildGauge().Name(name).Help(help).Register(registry);
  }
  Histograms& histogram(const char* name, const char* help) {
    return prometheus::BuildHistogram().Name(name).Help(help).Register(registry);
  }

  prometheus::Registry registry;
  Counters &requests = counter("pangu_http_requests_total", "Requests that were answered"),
           &prompt_tokens = counter("vllm:prompt_tokens_total", "Tokens of prompts"),
           &generation_tokens = counter("vllm:generation_tokens_total", "Tokens of replies"),
           &queries = counter("vllm:prefix_cache_queries_total",
                              "Tokens of prompts looked for in the cache"),
           &hits = counter("vllm:prefix_cache_hits_total", "Tokens of prompts found in the cache"),
           &success = counter("vllm:request_success_total", "Replies that ended, by reason"),
           &drafted =
               counter("vllm:spec_decode_num_draft_tokens_total", "Tokens that were guessed"),
           &accepted = counter("vllm:spec_decode_num_accepted_tokens_total",
                               "Tokens that were guessed rightly");
  Histograms &http_seconds =
                 histogram("pangu_http_request_seconds", "From a request to the end of its answer"),
             &first_token =
                 histogram("vllm:time_to_first_token_seconds", "From a request to its first token"),
             &token_time = histogram("vllm:time_per_output_token_seconds",
                                     "Time of a token after the first, mean of a reply"),
             &latency =
                 histogram("vllm:e2e_request_latency_seconds", "From a request to its last token"),
             &prefill = histogram("vllm:request_prefill_time_seconds", "Computing the prompt"),
             &decode =
                 histogram("vllm:request_decode_time_seconds", "From the first token to the last"),
             &prompt_size = histogram("vllm:request_prompt_tokens", "Tokens of a prompt"),
             &reply_size = histogram("vllm:request_generation_tokens", "Tokens of a reply");
  // Read when asked for.
  Gauges &running = gauge("vllm:num_requests_running", "Replies that are being written"),
         &waiting =
             gauge("vllm:num_requests_waiting", "Replies that wait, for their turn or their model"),
         &cache = gauge("vllm:kv_cache_usage_perc", "Share of the cache that replies use, 0 to 1"),
         &preemptions = gauge("vllm:num_preemptions_total", "Replies that gave their cache back"),
         &loaded = gauge("pangu_model_loaded", "Whether the model is in memory"),
         &model_bytes = gauge("pangu_model_bytes", "Memory of a model's weights and cache"),
         &memory = gauge("process_resident_memory_bytes", "Memory of the process");
};

Metrics::Metrics(const std::string& version, Isa isa) : impl_(std::make_unique<Impl>()) {
  impl_->gauge("pangu_build_info", "The program, as a label")
      .Add({{"version", version}, {"isa", std::string(name(isa))}, {"backend", "cpu"}})
      .Set(1);
}
Metrics::~Metrics() = default;

void Metrics::count_request(const std::string& path, int status, double seconds) {
  impl_->requests.Add({{"path", path}, {"status", std::to_string(status)}}).Increment();
  impl_->http_seconds.Add({{"path", path}}, kSeconds).Observe(seconds);
}

void Metrics::count_replies(const std::string& model, const std::vector<Choice>& choices) {
  Impl& m = *impl_;
  const prometheus::Labels labels = {{"model_name", model}};
  for (const Choice& choice : choices) {
    if (!choice.generation) continue;
    const Generation& g = *choice.generation;
    const auto tokens = static_cast<double>(g.ids.size());
    m.prompt_tokens.Add(labels).Increment(static_cast<double>(g.prompt_tokens));
    m.queries.Add(labels).Increment(static_cast<double>(g.prompt_tokens));
    m.hits.Add(labels).Increment(static_cast<double>(g.cached_tokens));
    m.drafted.Add(labels).Increment(static_cast<double>(g.speculation.drafted));
    m.accepted.Add(labels).Increment(static_cast<double>(g.speculation.accepted));
    m.success.Add({{"model_name", model}, {"finished_reason", std::string(name(g.finish_reason))}})
        .Increment();
    m.prefill.Add(labels, kSeconds).Observe(g.prefill_s);
    m.decode.Add(labels, kSeconds).Observe(g.decode_s);
    if (tokens > 1) m.token_time.Add(labels, kSeconds).Observe(g.decode_s / (tokens - 1));
    m.prompt_size.Add(labels, kTokens).Observe(static_cast<double>(g.prompt_tokens));
    m.reply_size.Add(labels, kTokens).Observe(tokens);
    m.first_token.Add(labels, kSeconds).Observe(choice.first_token_s);
    m.latency.Add(labels, kSeconds).Observe(choice.seconds);
  }
}

std::string Metrics::text(const ModelSet& models) const {
  for (const ModelEntry& entry : models.entries()) {
    const ModelStatus& status = entry.status;
    const prometheus::Labels labels = {{"model_name", entry.name}};
    // Token by token: what is being written counts.
    prometheus::Counter& written = impl_->generation_tokens.Add(labels);
    written.Increment(static_cast<double>(status.written) - written.Value());
    impl_->running.Add(labels).Set(static_cast<double>(status.running));
    impl_->waiting.Add(labels).Set(static_cast<double>(status.waiting + entry.pending));
    const auto all = static_cast<double>(status.batch.cache_positions);
    const auto used = static_cast<double>(
        status.batch.cache_positions - status.batch.free_positions - status.batch.kept_positions);
    impl_->cache.Add(labels).Set(all > 0 ? used / all : 0);
    impl_->preemptions.Add(labels).Set(static_cast<double>(status.batch.evictions));
    impl_->loaded.Add(labels).Set(entry.state == ModelState::kReady ? 1 : 0);
    impl_->model_bytes.Add(labels).Set(static_cast<double>(entry.bytes));
  }
  impl_->memory.Add({}).Set(static_cast<double>(resident_bytes()));
  std::ostringstream out;
  prometheus::TextSerializer().Serialize(out, impl_->registry.Collect());
  return out.str();
}

}  // namespace pangu::serve
