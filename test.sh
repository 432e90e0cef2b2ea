#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Builds with warnings as errors and runs every check; docs/testing.md explains each.
#
#   ./test.sh           everything, clang-tidy for changed files alone
#   ./test.sh --quick   the tests of the release build alone
#   ./test.sh --full    everything, clang-tidy for all files, all tests in the emulator of Arm, and
#                       the shared library too, and fuzzers for longer
#
# The first step that fails ends the run. The last lines say what each step took, which tests were
# slowest, and how many passed; build/check/times.tsv has the same for tools/compare_times.sh.
set -Eeuo pipefail
cd "$(dirname "$0")"
source tools/common.sh

mode=${1:---normal}
case $mode in --normal | --quick | --full) ;; *) die "unknown option '$mode'; known: --quick, --full" ;; esac

times=build/check/times.tsv
mkdir -p build/check
: >"$times"
current='' began=0
# Ends the step before, and begins another.
step() {
  [[ -z $current ]] || printf 'step\t%s\t%d\n' "$current" $((SECONDS - began)) >>"$times"
  current=$1 began=$SECONDS
  [[ -z $current ]] || printf '\n=== %s (%d s so far)\n' "$current" "$SECONDS"
}
trap 'printf "\ntest.sh: step \"%s\" failed\n" "$current" >&2' ERR

# Configures and builds a preset: all of it, or the targets that are named.
build() {
  local preset=$1
  step "$preset: build"
  run cmake --preset "$preset"
  run cmake --build --preset "$preset" ${2:+--target "${@:2}"}
}

# Runs the tests of a preset; further arguments go to ctest.
tests() {
  local preset=$1
  step "$preset: tests"
  rm -rf "build/$preset/results"
  run ctest --preset "$preset" -j2 --no-label-summary "${@:2}"
}

# Builds for 64-bit Arm and runs in an emulator what depends on the processor; with --full all tests.
# On such a processor the other steps do that.
emulated_arm() {
  if [[ $(uname -m) == aarch64 ]]; then
    step 'aarch64: skipped, this processor is one'
  elif [[ $mode == --full ]]; then
    build aarch64
    tests aarch64
  else
    build aarch64 pangu_base_test pangu_kernels_test pangu_ops_test pangu_cross_layer_test
    tests aarch64 -R '^(base|kernels|ops)\.|^tests\.(AllModels/Golden|IsaAgreement)$'
  fi
}

# Brings the libraries of tests/clients, which the tests of the release build then let talk to the
# server. Where there is no Node 20, or nothing can be fetched, they say that they were skipped.
client_libraries() {
  step 'client libraries'
  local major
  major=$(node -p 'process.versions.node.split(".")[0]' 2>/dev/null || echo 0)
  if [[ $major -lt 20 ]] || ! command -v npm >/dev/null; then
    echo 'skipped: the tests of tests/clients need Node 20 and npm'
  elif ! (cd tests/clients && run timeout 180 npm ci --no-audit --no-fund --fetch-retries=1); then
    rm -rf tests/clients/node_modules
    echo 'skipped: npm could not fetch what tests/clients needs'
  fi
}

# The layers that run on several threads.
threaded=(base comm kernels ops runtime measure train compress serve)

step 'packages'
packages=(--test)
[[ $mode == --quick || $(uname -m) == aarch64 ]] || packages+=(--arm)
run tools/install_dependencies.sh "${packages[@]}"
use_ccache
builds=(build/ci)
[[ $mode == --quick ]] || client_libraries
if [[ $mode != --quick ]]; then
  step 'layers and format'
  run tools/check_layers.sh
  run tools/check_format.sh
  step 'clang-tidy'
  # shellcheck disable=SC2046
  run tools/check_tidy.sh $([[ $mode != --full ]] || echo --all)
fi
build ci
if [[ $mode != --quick ]]; then
  builds+=(build/asan build/tsan)
  [[ $(uname -m) == aarch64 ]] || builds+=(build/aarch64)
  build asan
  tests asan
  step 'fuzzers'
  run tools/run_fuzzers.sh "$([[ $mode == --full ]] && echo 120 || echo 5)"
  programs=("${threaded[@]/#/pangu_}")
  build tsan "${programs[@]/%/_test}" pangu_planted_fault
  tests tsan -L "^($(IFS='|'; echo "${threaded[*]}")|sanitizers)\$"
  emulated_arm
fi
if [[ $mode == --full ]]; then
  step 'shared library'
  run tools/check_package.sh --shared
fi
tests ci
step ''

tools/report_tests.sh --list "${builds[@]}" |
  awk -F'\t' -v OFS='\t' '{ print "test", $1 "/" $2, $4 }' >>"$times"
printf '\nseconds for each step:\n'
awk -F'\t' '$1 == "step" { printf "%8d  %s\n", $3, $2; sum += $3 } END { printf "%8d  in all\n\n", sum }' "$times"
tools/report_tests.sh "${builds[@]}"
