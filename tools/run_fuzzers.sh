#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Builds the fuzzers (preset asan) and runs each from its seeds in tests/fuzz/.
#
#   tools/run_fuzzers.sh [SECONDS [FUZZER...]]   default: 10 seconds each, all fuzzers
#
# What a run finds is kept in build/asan/corpus/FUZZER for the next one; an input that fails is
# written to build/asan/failures/ and named at the end.
set -euo pipefail
source "$(dirname "$0")/common.sh"
cd "$(dirname "$0")/.."
command -v clang++ >/dev/null || die "clang++ is missing: run tools/install_dependencies.sh --test"

seconds=${1:-10}
[[ $seconds =~ ^[0-9]+$ ]] || die "SECONDS is '$seconds'; a whole number is needed"
build_dir=build/asan
use_ccache
run cmake --preset asan >/dev/null
if [[ $# -gt 1 ]]; then
  fuzzers=("${@:2}")
else
  mapfile -t fuzzers < <(find src -name '*_fuzz.cpp' -exec basename {} .cpp \; | sort)
fi
run cmake --build "$build_dir" --target "${fuzzers[@]}"

export build_dir seconds
export ASAN_OPTIONS=${ASAN_OPTIONS:-detect_leaks=1:allocator_may_return_null=1}
run_one() {
  local fuzzer=$1 corpus=$build_dir/corpus/$1 log=$build_dir/corpus/$1.log
  local -a seeds=()
  mkdir -p "$corpus" "$build_dir/failures"
  [[ -d tests/fuzz/$fuzzer ]] && seeds=("tests/fuzz/$fuzzer")
  if "$build_dir/fuzz/$fuzzer" -max_total_time="$seconds" -timeout=10 -rss_limit_mb=2048 \
    -artifact_prefix="$build_dir/failures/$fuzzer-" -print_final_stats=1 \
    "$corpus" "${seeds[@]}" >"$log" 2>&1; then
    printf '%-28s %s inputs, no failure\n' "$fuzzer" \
      "$(awk '/stat::number_of_executed_units/ {print $2}' "$log")"
  else
    tail -n 40 "$log"
    printf '%s FAILED; replay with: %s/fuzz/%s %s/failures/%s-...\n' \
      "$fuzzer" "$build_dir" "$fuzzer" "$build_dir" "$fuzzer"
    return 1
  fi
}
export -f run_one
# shellcheck disable=SC2016
printf '%s\0' "${fuzzers[@]}" | xargs -0 -n 1 -P "$(nproc)" bash -c 'run_one "$1"' run_one ||
  die "a fuzzer found an input that fails; it is kept in $build_dir/failures"
