// SPDX-License-Identifier: Apache-2.0
// Which model of a bundle answers a request, decided as pangu run --auto does (adaptive/route):
// by a thread of its own, with the small model that recognises what messages ask for.
#pragma once

#include <condition_variable>
#include <deque>
#include <exception>
#include <functional>
#include <memory>
#include <mutex>
#include <set>
#include <span>
#include <stop_token>
#include <string>
#include <thread>
#include <vector>

#include "adaptive/route/classifier.h"
#include "adaptive/route/decision_log.h"
#include "io/json.h"
#include "serve/routing/bundle_ways.h"
#include "serve/routing/conversation_memory.h"
#include "serve/scheduler/compute_turn.h"

namespace pangu::serve {

/// What was decided for a request.
struct RoutedRequest {
  std::string model;  ///< that answers
  Thinking thinking = Thinking::kDefault;
  std::string header;     ///< "kind=math; weights=w4a16-g64; kv=int8; thinking=fast"
  Json json;              ///< the same with how sure it is and why
  std::uint64_t key = 0;  ///< of the conversation up to here
};

/// A conversation whose last message is to be answered.
struct RouteWish {
  std::string client;
  std::vector<Message> messages;
  std::stop_token gone;
};

/// What is done with a decision. Exactly one is called, once, from the router's thread.
struct RouteWork {
  std::function<void(const RoutedRequest&)> decided;
  std::function<void(const std::exception_ptr&)> failed;
};

class BundleRouter {
 public:
  /// Which models are in memory at the moment.
  using LoadedModels = std::function<std::set<std::string>()>;

  /// The classifier is loaded for the first request. `bundle` and `turn` must outlive it; at most
  /// `max_waiting` requests wait. `decisions` gets a line for each (adaptive::append_route); none
  /// where it is empty. Where it cannot be written to, a warning says so and requests go on.
  BundleRouter(const ServedBundle& bundle, ContextOptions classifier, ComputeTurn& turn,
               LoadedModels loaded, std::size_t max_waiting, std::filesystem::path decisions = {});
  /// Those who wait get an error.
  ~BundleRouter();
  BundleRouter(const BundleRouter&) = delete;
  BundleRouter& operator=(const BundleRouter&) = delete;

  /// Throws ApiError (429) where too many wait. Fails with InputError where no user said anything,
  /// ApiError (503) where the classifier cannot be loaded.
  void route(RouteWish wish, RouteWork work);
  /// What an answer left in the cache; prices the next change.
  void answered(std::uint64_t key, std::int64_t tokens) { memory_.set_tokens(key, tokens); }

 private:
  struct Job {
    RouteWish wish;
    RouteWork work;
  };

  void run();
  void decide(const Job& job);
  adaptive::Recognition recognise(std::span<const Message> messages);
  void record(const adaptive::RouteRecord& record);

  const ServedBundle& bundle_;
  ContextOptions context_;
  ComputeTurn& turn_;
  LoadedModels loaded_;
  std::size_t max_waiting_;
  std::filesystem::path decisions_;
  bool records_ = true;  ///< whether the last decision could be written down
  ConversationMemory memory_;
  std::unique_ptr<adaptive::Classifier> classifier_;  ///< of the thread
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<Job> jobs_;
  bool ends_ = false;
  std::thread thread_;
};

}  // namespace pangu::serve
