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

layers() { grep -oE '^pangu_add_layer\([a-z_]+' src/CMakeLists.txt | sed 's/.*(//'; }
# The layers that depend on the given one, however far above.
above() {
  awk -v start="$1" '
    { sub(/#.*/, "") }
    /^pangu_add_layer\(/ { open = 1; call = "" }
    open { call = call " " $0 }
    open && /\)/ {
      open = 0
      gsub(/pangu_add_layer\(|\)/, " ", call)
      sub(/LIBRARIES.*/, "", call)
      n = split(call, word, " ")
      for (i = 2; i <= n; ++i) if (word[i] == start || word[i] in reached) reached[word[1]] = 1
      if (word[1] in reached) print word[1]
    }' src/CMakeLists.txt
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
