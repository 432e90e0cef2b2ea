#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Builds the tests of one layer in build/dev, where a change compiles only what it reaches, and runs
# them: the check while working on it. tools/check_layer.sh --list names the layers.
#
#   tools/check_layer.sh LAYER           its own tests
#   tools/check_layer.sh LAYER --above   and those of every layer above it, and those that cross layers
set -euo pipefail
source "$(dirname "$0")/common.sh"
cd "$(dirname "$0")/.."

layers() { layer_arrows . | cut -d' ' -f1; }
# The layers that depend on the given one, however far above.
above() {
  layer_arrows . | awk -v start="$1" '
    { for (i = 2; i <= NF; ++i) if ($i == start || $i in reached) reached[$1] = 1 }
    $1 in reached { print $1 }'
}

layer=${1:-}
[[ $layer != --list ]] || { layers; exit; }
[[ -n $layer ]] || die "name a layer: $(layers | xargs)"
layers | grep -qx -- "$layer" || die "there is no layer '$layer'; known: $(layers | xargs)"
chosen=("$layer")
case ${2:-} in
  '') ;;
  --above) mapfile -t -O 1 chosen < <(above "$layer") ;;
  *) die "unknown option '$2'; known: --above" ;;
esac

use_ccache
[[ -f build/dev/build.ninja ]] || run cmake --preset dev
targets=()
for name in "${chosen[@]}"; do
  if [[ -n $(find "src/$name" -name '*_test.cpp' -print -quit) ]]; then targets+=("pangu_${name}_test"); fi
done
labels=$(IFS='|'; echo "${chosen[*]}")
if [[ ${2:-} == --above ]]; then
  targets+=(pangu_cross_layer_test pangu_cli_test)
  labels+='|tests|cli'
fi
[[ ${#targets[@]} -gt 0 ]] || die "the layer '$layer' has no tests of its own: try --above"
run cmake --build --preset dev --target "${targets[@]}"
rm -rf build/dev/results
run ctest --preset dev -L "^($labels)\$" -j"$(nproc)" --no-label-summary
tools/report_tests.sh build/dev
