#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Runs clang-tidy (.clang-tidy) over the sources of the library and the program; tests are exempt.
#
#   tools/check_tidy.sh [FILE...]   default: every source under src/ and apps/
set -euo pipefail
source "$(dirname "$0")/common.sh"
cd "$(dirname "$0")/.."
command -v clang-tidy >/dev/null || die "clang-tidy is missing: run tools/install_dependencies.sh --test"

build_dir=${PANGU_TIDY_BUILD:-build/tidy}
run cmake --preset release -B "$build_dir" -DPANGU_PRECOMPILE=OFF -DPANGU_BUILD_TESTS=OFF -DPANGU_BUILD_EXAMPLES=OFF >/dev/null
if [[ $# -gt 0 ]]; then
  sources=("$@")
else
  mapfile -t sources < <(find src apps -name '*.cpp' ! -name '*_test.cpp' ! -name '*_fuzz.cpp' | sort)
fi
# One file a process, so that a slow one does not hold up the rest.
printf '%s\0' "${sources[@]}" |
  xargs -0 -n 1 -P "$(nproc)" clang-tidy -p "$build_dir" --quiet --warnings-as-errors='*' \
  2> >(grep -v 'warnings\? generated' >&2) ||
  die "clang-tidy has something to say about the files above"
echo "clang-tidy: ${#sources[@]} files are clean"
