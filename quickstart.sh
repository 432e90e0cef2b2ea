#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# From a fresh Debian 12 to a first run: installs what is missing, builds the program, runs it.
# May be run again at any time; what is done already is not done again.
set -euo pipefail
cd "$(dirname "$0")"
source tools/common.sh

run tools/install_dependencies.sh
use_ccache
run cmake --preset quickstart
run cmake --build --preset quickstart --target pangu_cli

shared=$(shared_dir "$PWD")
if [[ -n $shared && -d $shared/models/stories260K ]]; then
  run build/release/bin/pangu run "$shared/models/stories260K" -p "Once upon a time" --max-tokens 200
else
  # Random weights of a real model's shape: how fast this machine would run it.
  run build/release/bin/pangu bench --shape openpangu-embedded-1b
fi
