#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Writes the man pages of the program and of each of its commands, from their --help.
#
#   tools/make_man_pages.sh PROGRAM OUT_DIR   pangu.1, pangu-run.1, pangu-intent-ask.1, ...
set -euo pipefail
source "$(dirname "$0")/common.sh"
[[ $# -eq 2 ]] || die "two arguments are needed: PROGRAM OUT_DIR"
program=$1 out=$2
command -v help2man >/dev/null || die "help2man is missing: run tools/install_dependencies.sh --test"
version=$("$program" --version | awk '{ print $2 }')
mkdir -p "$out"

# One page: its name, what it is for, the command whose --help it shows.
page() {
  local name=$1 summary=$2
  shift 2
  help2man --no-info --section=1 --manual='pangu.cpp' --source="pangu $version" \
    --version-string="$version" --name="$summary" "$*" |
    awk -v title="${name^^}" -v name="$name" '
      /^\.TH / { sub(/^\.TH [^ ]+/, ".TH " title) }
      # The name as man finds it, with the summary behind it.
      in_name { sub(/^.* \\- /, name " \\- "); in_name = 0 }
      /^\.SH NAME/ { in_name = 1 }
      # Examples keep their lines.
      /^\.S[HS] / && is_open { print ".fi\n.RE"; is_open = 0 }
      /^\.SH EXAMPLES?/ { print; getline; print ".RS\n.nf"; is_open = 1; next }
      { print }
      END { if (is_open) print ".fi\n.RE" }' >"$out/$name.1"
}

# The page of a command, and those of the commands below it.
pages() {
  local name=$1 summary=$2 command text
  shift 2
  page "$name" "$summary" "$@"
  "$@" --help | awk '/^Commands:/ { on = 1; next } /^$/ { on = 0 } on' |
    while read -r command text; do pages "$name-$command" "$text" "$@" "$command"; done
}

pages pangu 'runs, trains and compresses Pangu language models' "$program"
