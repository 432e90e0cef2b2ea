#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Makes the probe that comes with pangu-nano (docs/intent.md): kinds of tasks from made-up requests, and
# when thinking pays from its answers to generated items.
#
#   recipes/make_intent_probe.sh [OUT]   by default models/pangu-nano/intent.safetensors
#
# PANGU=path of the program, by default that of the release build.
set -Eeuo pipefail
cd "$(dirname "$0")/.."
source tools/common.sh

pangu=${PANGU:-build/release/bin/pangu}
[[ -x $pangu ]] || die "$pangu is missing: build it (README.md), or set PANGU"
# No command writes into the folder of the model that it reads.
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
run "$pangu" intent train "$scratch/intent.safetensors" --model models/pangu-nano --examples 200 --seed 1
run "$pangu" intent thinking "$scratch/intent.safetensors" --model models/pangu-nano --items 400 --levels 1,2,3 --item-seed 2 --layers 2
run cp "$scratch/intent.safetensors" "${1:-models/pangu-nano/intent.safetensors}"
