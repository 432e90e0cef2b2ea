// SPDX-License-Identifier: Apache-2.0
#include "runtime/cache/kv_cache.h"

#include <algorithm>
#include <utility>

#include "base/error.h"

namespace pangu {
namespace {

int64_t pages_for(int64_t positions) {
  return (positions + kPagePositions - 1) / kPagePositions;
}

}  // namespace

KvCache::KvCache(const KvShape& shape, int64_t max_positions, std::shared_ptr<Device> device)
    : storage_(shape, pages_for(std::max<int64_t>(max_positions, 1)), std::move(device)),
      pages_(static_cast<std::size_t>(storage_.n_pages())) {
  for (int64_t p = storage_.n_pages() - 1; p >= 0; --p) free_.push_back(static_cast<int32_t>(p));
}

SequenceId KvCache::create() {
  const auto found =
      std::find_if(sequences_.begin(), sequences_.end(), [](const Sequence& s) { return !s.live; });
  const auto id = static_cast<SequenceId>(found - sequences_.begin());
  if (found == sequences_.end()) sequences_.emplace_back();
  sequences_[static_cast<std::size_t>(id)] = {.pages = {}, .length = 0, .live = true};
  return id;
}

SequenceId KvCache::fork(SequenceId from, int64_t length) {
  if (length < 0 || length > at(from).length) {
    fail<InputError>("[kv cache] {} positions were to be shared, but the sequence has {}.", length,
                     at(from).length);
  }
  const std::vector<std::int32_t> pages = at(from).pages;  // share() may move the sequence
  return share(std::span(pages).first(static_cast<std::size_t>(pages_for(length))), length);
}

SequenceId KvCache::share(std::span<const std::int32_t> pages, int64_t length) {
  const SequenceId id = create();
  Sequence& copy = at(id);
  copy.pages.assign(pages.begin(), pages.end());
  copy.length = length;
  for (const std::int32_t page : copy.pages) share_page(page);
  return id;
}

void KvCache::truncate(SequenceId id, int64_t length) {
  Sequence& s = at(id);
  if (length < 0 || length > s.length) {
    fail<InputError>("[kv cache] a sequence of {} positions cannot be cut to {}.", s.length,
                     length);
  }
  while (static_cast<int64_t>(s.pages.size()) > pages_for(length)) {
    drop_page(s.pages.back());
    s.pages.pop_back();
  }
  s.length = length;
}

void KvCache::release(SequenceId id) {
  truncate(id, 0);
  at(id).live = false;
}

int64_t KvCache::length(SequenceId id) const {
  return at(id).length;
}

int64_t KvCache::free_positions() const {
  return static_cast<int64_t>(free_.size()) * kPagePositions;
}

bool KvCache::has_room(SequenceId id, int64_t n) const {
  return n == 0 || pages_wanted(at(id), n) <= static_cast<int64_t>(free_.size());
}

void KvCache::reserve(Sequence& s, int64_t n) {
  const int64_t wanted = pages_wanted(s, n);
  if (wanted > static_cast<int64_t>(free_.size())) {
    fail<OutOfMemory>(
        "[kv cache] {} more positions do not fit: {} pages of {} positions are needed and {} of {} "
        "are free. Use a larger context (--ctx) or fewer sequences at once.",
        n, wanted, kPagePositions, free_.size(), storage_.n_pages());
  }
  if (must_copy_last(s)) {
    const std::int32_t fresh = take_page();
    storage_.copy_page(s.pages.back(), fresh);
    drop_page(s.pages.back());
    s.pages.back() = fresh;
  }
  while (static_cast<int64_t>(s.pages.size()) < pages_for(s.length + n)) {
    s.pages.push_back(take_page());
  }
}

std::int32_t KvCache::append_page(SequenceId id) {
  Sequence& s = at(id);
  if (s.length % kPagePositions != 0) {
    fail<InputError>("[kv cache] a page cannot follow {} positions.", s.length);
  }
  reserve(s, kPagePositions);
  s.length += kPagePositions;
  return s.pages.back();
}

void KvCache::append_branch(SequenceId id, std::span<const std::int64_t> shared,
                            std::span<const TokenId> tokens, Logits logits, Batch& batch) {
  Sequence& s = at(id);
  const auto n = static_cast<int64_t>(tokens.size());
  if (n == 0) return;
  reserve(s, std::ssize(shared) + n);
  const auto first_page = std::ssize(batch.page_table);
  batch.page_table.insert(batch.page_table.end(), s.pages.begin(), s.pages.end());
  for (const int64_t row : shared) {
    batch.mirrors.push_back(
        {.first_row = row, .n_rows = 1, .start = s.length, .first_page = first_page});
    ++s.length;
  }
  const int64_t first_row = batch.size();
  batch.sequences.push_back(
      {.first_row = first_row, .n_rows = n, .start = s.length, .first_page = first_page});
  for (int64_t i = 0; i < n; ++i) {
    batch.tokens.push_back(tokens[static_cast<std::size_t>(i)]);
    batch.positions.push_back(static_cast<std::int32_t>(s.length + i));
    if (logits == Logits::kAll || (logits == Logits::kLast && i == n - 1)) {
      batch.logit_rows.push_back(static_cast<std::int32_t>(first_row + i));
    }
  }
  s.length += n;
}

KvCache::Sequence& KvCache::at(SequenceId id) {
  return const_cast<Sequence&>(std::as_const(*this).at(id));
}

const KvCache::Sequence& KvCache::at(SequenceId id) const {
  if (id < 0 || static_cast<std::size_t>(id) >= sequences_.size() ||
      !sequences_[static_cast<std::size_t>(id)].live) {
    fail<InputError>("[kv cache] there is no sequence {}.", id);
  }
  return sequences_[static_cast<std::size_t>(id)];
}

std::int32_t KvCache::take_page() {
  const std::int32_t page = free_.back();
  free_.pop_back();
  at_page(page).holders = 1;
  return page;
}

void KvCache::share_page(std::int32_t page) {
  if (is_idle(page)) --idle_;
  ++at_page(page).holders;
}

void KvCache::drop_page(std::int32_t page) {
  if (--at_page(page).holders == 0) free_.push_back(page);
  if (is_idle(page)) ++idle_;
}

void KvCache::keep(std::int32_t page) {
  ++at_page(page).holders;
  at_page(page).kept = true;
}

void KvCache::forget(std::int32_t page) {
  if (is_idle(page)) --idle_;
  at_page(page).kept = false;
  drop_page(page);
}

int64_t KvCache::pages_wanted(const Sequence& s, int64_t n) const {
  const auto held = static_cast<int64_t>(s.pages.size());
  return pages_for(s.length + n) - held + (must_copy_last(s) ? 1 : 0);
}

bool KvCache::must_copy_last(const Sequence& s) const {
  return s.length % kPagePositions != 0 && shares_last_page(s);
}

bool KvCache::shares_last_page(const Sequence& s) const {
  return !s.pages.empty() && at_page(s.pages.back()).holders > 1;
}

}  // namespace pangu
