#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Builds with warnings as errors and runs every check; docs/testing.md explains each.
#
#   ./test.sh           everything but clang-tidy
#   ./test.sh --quick   the tests of the release build alone
#   ./test.sh --full    everything, clang-tidy and the shared library too, and fuzzers for longer
#
# The first step that fails ends the run. The release tests come last, so that ctest's summary
# closes the output.
set -Eeuo pipefail
cd "$(dirname "$0")"
source tools/common.sh

mode=${1:---normal}
case $mode in --normal | --quick | --full) ;; *) die "unknown option '$mode'; known: --quick, --full" ;; esac

current='start'
step() {
  current=$1
  printf '\n=== %s (%d s so far)\n' "$current" "$SECONDS"
}
trap 'printf "\ntest.sh: step \"%s\" failed\n" "$current" >&2' ERR

# Test programs of the given layers, as far as this build has them.
test_programs() {
  local build_dir=$1 layers=$2
  cmake --build "$build_dir" --target help | grep -oE "^pangu_($layers)_test: phony" | cut -d: -f1
}

sanitize_addresses() {
  step 'address and undefined-behaviour sanitizers: build'
  run cmake --preset asan
  run cmake --build --preset asan
  step 'address and undefined-behaviour sanitizers: tests'
  run ctest --preset asan -j2 --no-label-summary
}

# Only what runs on several threads.
sanitize_threads() {
  local layers='base|kernels|ops|runtime|train|compress'
  step 'thread sanitizer: build'
  run cmake --preset tsan
  # shellcheck disable=SC2046
  run cmake --build --preset tsan --target $(test_programs build/tsan "$layers")
  step 'thread sanitizer: tests'
  run ctest --preset tsan -L "^($layers)\$" -j2 --no-label-summary
}

step 'packages'
run tools/install_dependencies.sh --test
use_ccache
if [[ $mode != --quick ]]; then
  step 'layers and format'
  run tools/check_layers.sh
  run tools/check_format.sh
fi

step 'release build, warnings are errors'
run cmake --preset ci
run cmake --build --preset ci

if [[ $mode != --quick ]]; then
  sanitize_addresses
  sanitize_threads
  step 'fuzzers'
  run tools/run_fuzzers.sh "$([[ $mode == --full ]] && echo 120 || echo 5)"
fi
if [[ $mode == --full ]]; then
  step 'clang-tidy'
  run tools/check_tidy.sh
  step 'shared library'
  run tools/check_package.sh --shared
fi

step 'release tests'
run ctest --preset ci -j2 --no-label-summary
