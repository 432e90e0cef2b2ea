#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Installs a build into a folder of its own, and builds and runs examples/cmake_project against it.
#
#   tools/check_package.sh [BUILD_DIR]   default: build/ci, as configured and built before
#   tools/check_package.sh --shared      builds the library shared (in build/shared) and checks that
set -euo pipefail
source "$(dirname "$0")/common.sh"
cd "$(dirname "$0")/.."
root=$PWD

build_dir=${1:-build/ci}
if [[ $build_dir == --shared ]]; then
  build_dir=build/shared
  use_ccache
  run cmake --preset ci -B "$build_dir" -DBUILD_SHARED_LIBS=ON \
    -DPANGU_BUILD_TESTS=OFF -DPANGU_BUILD_EXAMPLES=OFF
  run cmake --build "$build_dir"
fi
[[ -f $build_dir/CMakeCache.txt ]] || die "$build_dir is no build folder; give one that is built"

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
run cmake --install "$build_dir" --prefix "$scratch/prefix" >"$scratch/install.log" ||
  die "installing failed: $(cat "$scratch/install.log")"
run cmake --log-level=WARNING -S "$root/examples/cmake_project" -B "$scratch/build" -G Ninja \
  -DCMAKE_BUILD_TYPE=Release -DCMAKE_PREFIX_PATH="$scratch/prefix"
run cmake --build "$scratch/build"
run "$scratch/prefix/bin/pangu" --version
# The installed program knows the models that come with it.
answer=$(cd "$scratch" && prefix/bin/pangu run pangu-nano --chat --temp 0 -q \
  -p 'Kate buys 5 flowers for 4 yuan each and pays with 82 yuan. How much change does Kate get?' \
  </dev/null)
[[ $answer == *'#### 62'* ]] || die "pangu-nano said: $answer"

model=$(shared_dir "$root")/models/stories260K
if [[ -d $model ]]; then
  reply=$(run "$scratch/build/continue_text" "$model" "Once upon a time") ||
    die "the example failed on stories260K"
  printf '%s\n' "$reply"
  [[ $reply == *"Once upon a time,"* ]] || die "the example's reply is not a story"
else
  echo "no stories260K (set PANGU_SHARED): the example was built, but had no model to run"
fi
echo "package check: find_package(pangu) works"
