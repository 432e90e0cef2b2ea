#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Lets published client libraries talk to pangu serve, as programs of users do.
#
#   (cd tests/clients && npm ci)                     once; needs Node 20
#   tests/clients/run.sh build/ci/bin/pangu          all of them, against a server that it starts
#   tests/clients/run.sh build/ci/bin/pangu openai_chat.test.js ...
#   PANGU_URL=http://127.0.0.1:8080 tests/clients/run.sh     against one that runs already
#
# Ends with 77, which means skipped to ctest, where there is no Node or no libraries.
set -euo pipefail
cd "$(dirname "$0")"

skip() { echo "skipped: $*"; exit 77; }

command -v node >/dev/null || skip 'there is no Node.'
[[ $(node -p 'process.versions.node.split(".")[0]') -ge 20 ]] || skip "Node is $(node --version); the clients need 20."
[[ -d node_modules ]] || skip 'the clients are not installed: run npm ci in tests/clients.'

if [[ -z ${PANGU_URL:-} ]]; then
  pangu=${1:?the program is missing: tests/clients/run.sh build/ci/bin/pangu}
  [[ $pangu = /* ]] || pangu=$OLDPWD/$pangu
  shift
  log=$(mktemp)
  PANGU_MODELS=${PANGU_MODELS:-$PWD/../../models} "$pangu" serve "${PANGU_MODEL:-pangu-nano}" --port 0 2>"$log" &
  server=$!
  trap 'kill "$server" 2>/dev/null; wait "$server" 2>/dev/null || true; rm -f "$log"' EXIT
  until grep -q '^serving' "$log"; do
    kill -0 "$server" 2>/dev/null || { cat "$log"; exit 1; }
    sleep 0.1
  done
  PANGU_URL=$(grep -o 'http://[^ ]*' "$log" | head -n 1)
  export PANGU_URL
fi

node --test --test-concurrency=1 "${@:-.}"
