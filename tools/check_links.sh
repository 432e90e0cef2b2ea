#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Checks that what the documents point to exists: relative links, and files named in `code` that
# begin with a folder of the tree.
set -euo pipefail
source "$(dirname "$0")/common.sh"
cd "$(dirname "$0")/.."

bad=0
miss() {
  printf '%s: there is no %s\n' "$1" "$2" >&2
  bad=1
}

while IFS= read -r document; do
  while IFS= read -r link; do
    target=${link%%#*}
    case $link in http://* | https://* | mailto:* | '#'*) continue ;; esac
    [[ -e $(dirname "$document")/$target ]] || miss "$document" "$target"
  done < <(grep -oE '\]\([^) ]+\)' "$document" | sed -E 's/^\]\(//; s/\)$//')
  while IFS= read -r path; do
    [[ $path == *[\<\>\*{]* || -e $path ]] || miss "$document" "$path"
  done < <(grep -oE '`(src|apps|include|tests|bench|examples|tools|cmake|docs)/[^` ]*`' "$document" | tr -d '`')
done < <(find . -name '*.md' ! -path './build*' ! -path './.git/*')
[[ $bad == 0 ]] || die "some documents point to nothing"
echo "link check: every link leads somewhere"
