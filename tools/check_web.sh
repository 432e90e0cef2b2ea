#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Tests the web page: its modules in Node, then the whole in Debian's Chromium.
#
#   tools/check_web.sh --units                the modules alone
#   tools/check_web.sh                        both, against the stub of tests/web/stub
#   tools/check_web.sh http://127.0.0.1:8080/ the browser against a server that runs
#   tools/check_web.sh --screenshots DIR      keeps pictures of the page
set -euo pipefail
source "$(dirname "$0")/common.sh"
cd "$(dirname "$0")/../tests/web"

command -v node >/dev/null || die "node is missing: run tools/install_dependencies.sh --test"
major=$(node -p 'process.versions.node.split(".")[0]')
[[ $major -ge 20 ]] || die "node is version $(node --version); 20 or newer is needed"

if [[ ${1:-} == --units ]]; then
  exec node --test unit/
fi
if [[ ${1:-} != http* ]]; then
  node --test unit/
fi
if [[ ! -d node_modules/playwright-core ]]; then
  command -v npm >/dev/null || die "npm is missing: it brings playwright-core, which drives the browser"
  run npm ci --no-audit --no-fund
fi
run node browser/run.mjs "$@"
