// SPDX-License-Identifier: Apache-2.0
// The functions Jinja and Hugging Face give to chat templates.
#include "jinja/globals.h"

#include <algorithm>
#include <array>
#include <iterator>
#include <string>
#include <utility>

#include "base/clipped.h"
#include "jinja/arguments.h"
#include "jinja/format.h"
#include "jinja/known_names.h"
#include "jinja/operators.h"

namespace pangu::jinja {
namespace {

Value raise_exception(Context& context, const Arguments& given) {
  const Bound bound(context, "function 'raise_exception'", {"message"}, given, 1);
  const std::string message = to_str(context, *bound.get(0)).as_string();
  context.fail<InputError>("the template refuses this conversation: {}", message);
}

/// Refuses what Python's strftime and this C library do not both know.
void check_time_format(Context& context, const std::string& format) {
  constexpr std::string_view kLetters = "aAbBcdHIjmMpSUwWxXyYzZ%eFTDRGuVhntC";
  constexpr std::size_t kLongest = 256;
  if (format.size() > kLongest) {
    context.fail<ConfigError>("the format of 'strftime_now' has {} bytes; at most {} are read.",
                              format.size(), kLongest);
  }
  for (std::size_t i = 0; i < format.size(); ++i) {
    if (format[i] != '%') continue;
    if (++i < format.size() && format[i] == '-') ++i;
    if (i >= format.size() || kLetters.find(format[i]) == std::string_view::npos) {
      context.fail<Unsupported>(
          "the format '{}' of 'strftime_now' is not covered: % must be "
          "followed by one of {}.",
          format, kLetters);
    }
  }
}

Value strftime_now(Context& context, const Arguments& given) {
  const Bound bound(context, "function 'strftime_now'", {"format"}, given, 1);
  const std::string format = bound.string(0).as_string();
  check_time_format(context, format);
  const std::time_t now = context.now.value_or(std::time(nullptr));
  std::tm local{};
  localtime_r(&now, &local);
  // The longest conversion, %c, takes a few dozen bytes.
  std::array<char, 256 * 32> buffer;
  const std::size_t size = std::strftime(buffer.data(), buffer.size(), format.c_str(), &local);
  return context.string(std::string_view(buffer.data(), size));
}

Value range(Context& context, const Arguments& given) {
  const Bound bound(context, "function 'range'", {"start", "stop", "step"}, given, 1);
  const bool has_stop = bound.get(1) != nullptr;
  const std::int64_t start = has_stop ? bound.integer(0, 0) : 0;
  const std::int64_t stop = has_stop ? bound.integer(1, 0) : bound.integer(0, 0);
  const std::int64_t step = bound.integer(2, 1);
  if (step == 0) context.fail<ConfigError>("the step of 'range' is 0, expected another number.");
  // Unsigned: the distance may be twice what a signed number holds.
  const auto distance = step > 0
                            ? static_cast<std::uint64_t>(stop) - static_cast<std::uint64_t>(start)
                            : static_cast<std::uint64_t>(start) - static_cast<std::uint64_t>(stop);
  const auto stride = step > 0 ? static_cast<std::uint64_t>(step)
                               : std::uint64_t{0} - static_cast<std::uint64_t>(step);
  const bool is_empty = step > 0 ? stop <= start : stop >= start;
  const std::uint64_t size = is_empty ? 0 : (distance - 1) / stride + 1;
  if (size > context.limits().range_items) {
    context.fail<ConfigError>("'range' would have {} items; at most {} are made.", size,
                              context.limits().range_items);
  }
  std::vector<Value> items;
  for (std::uint64_t i = 0; i < size; ++i) {
    const std::uint64_t item =
        static_cast<std::uint64_t>(start) + i * static_cast<std::uint64_t>(step);
    items.emplace_back(static_cast<std::int64_t>(item));
  }
  Value out = context.list(std::move(items), List::Type::kRange);
  out.as_list().bounds = {start, stop, step};
  return out;
}

Value make_namespace(Context& context, const Arguments& given) {
  Namespace& out = context.new_namespace();
  fill_dict(context, given, "namespace", out.attributes);
  return Value(&out);
}

Value make_dict(Context& context, const Arguments& given) {
  Dict& out = context.dict();
  fill_dict(context, given, "dict", out);
  return Value(&out);
}

Value make_cycler(Context& context, const Arguments& given) {
  if (given.positional.empty() || !given.named.empty()) {
    context.fail<ConfigError>("'cycler' takes one value or more, without names.");
  }
  context.charge_items(given.positional.size());
  return context.helper({.is_cycler = true, .items = given.positional});
}

Value make_joiner(Context& context, const Arguments& given) {
  const Bound bound(context, "function 'joiner'", {"sep"}, given);
  return context.helper(
      {.is_cycler = false, .items = {bound.get(0) ? *bound.get(0) : context.string(", ")}});
}

constexpr std::pair<std::string_view, GlobalFunction> kGlobals[] = {
    {"raise_exception", raise_exception},
    {"strftime_now", strftime_now},
    {"range", range},
    {"namespace", make_namespace},
    {"dict", make_dict},
    {"cycler", make_cycler},
    {"joiner", make_joiner},
};

}  // namespace

GlobalFunction find_global(std::string_view name) {
  const auto* found = std::find_if(std::begin(kGlobals), std::end(kGlobals),
                                   [&](const auto& entry) { return entry.first == name; });
  return found == std::end(kGlobals) ? nullptr : found->second;
}

void fail_unknown_global(Context& context, std::string_view name) {
  if (name == "lipsum") {
    context.fail<Unsupported>(
        "function 'lipsum' is not covered. It would make prompts that no run can repeat.");
  }
  std::vector<std::string_view> names;
  for (const auto& [known, unused] : kGlobals) names.push_back(known);
  context.fail<Unsupported>("there is no function '{}', and no macro of that name. {}",
                            clipped(name), advice_on(name, names));
}

Value call_joiner(Context& context, Helper& joiner, const Arguments& given) {
  const Bound bound(context, "a joiner", {}, given);
  return std::exchange(joiner.at, 1) == 0 ? context.string("") : joiner.items.front();
}

void set_key(Context& context, Dict& dict, const Value& key, Value value) {
  if (!dict.set(context, key, std::move(value))) {
    context.fail<ConfigError>("a {} cannot be the key of a dict, expected a str or number.",
                              type_name(key));
  }
}

void fill_dict(Context& context, const Arguments& given, std::string_view what, Dict& out) {
  if (given.positional.size() > 1) {
    context.fail<ConfigError>("'{}' takes one dict or list of pairs, and named values.", what);
  }
  if (!given.positional.empty() && given.positional[0].is(Kind::kDict)) {
    const auto entries = given.positional[0].as_dict().entries();  // a copy: it may be `out` itself
    context.charge_items(2 * entries.size());
    for (const auto& [key, value] : entries) out.set(context, key, value);
  } else if (!given.positional.empty()) {
    for (const Value& item : iterate(context, given.positional[0])) {
      const std::vector<Value> pair = iterate(context, item);
      if (pair.size() != 2) {
        context.fail<ConfigError>("an item of what '{}' was given has {} parts, expected 2.", what,
                                  pair.size());
      }
      set_key(context, out, pair[0], pair[1]);
    }
  }
  for (const auto& [name, value, source] : given.named) {
    out.set(context, context.string(name, source), value);
  }
}

}  // namespace pangu::jinja
