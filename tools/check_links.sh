#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Checks that what the documents point to exists: relative links, and files named in `code` that
# begin with a folder of the tree. NAME and LAYER stand for something else.
set -euo pipefail
source "$(dirname "$0")/common.sh"
cd "$(dirname "$0")/.."

bad=0
miss() {
  printf '%s: there is no %s\n' "$1" "$2" >&2
  bad=1
}

links() {
  grep -oE '\]\([^) ]+\)' "$1" | sed -E 's/^\]\(//; s/\)$//; s/#.*//; /^(https?:|mailto:|$)/d' || true
}
named_files() {
  local tick='`'
  grep -oE "$tick(src|apps|include|tests|bench|examples|tools|cmake|docs)/[^$tick ]*$tick" "$1" |
    tr -d "$tick" | grep -vE '[<>*{]|NAME|LAYER' || true
}

while IFS= read -r document; do
  for target in $(links "$document"); do
    [[ -e $(dirname "$document")/$target ]] || miss "$document" "$target"
  done
  for path in $(named_files "$document"); do
    [[ -e $path ]] || miss "$document" "$path"
  done
done < <(find . -name '*.md' ! -path './build*' ! -path './.git/*' ! -path '*/node_modules/*')
[[ $bad == 0 ]] || die "some documents point to nothing"
echo "link check: every link leads somewhere"
