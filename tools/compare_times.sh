#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Compares what two runs of ./test.sh took: each writes build/check/times.tsv.
#
#   tools/compare_times.sh OLD.tsv NEW.tsv   every step, then the tests whose time changed most
set -euo pipefail
source "$(dirname "$0")/common.sh"

[[ $# -eq 2 ]] || die "two files are needed: OLD.tsv NEW.tsv, which ./test.sh writes as build/check/times.tsv"
for file in "$@"; do
  [[ -r $file ]] || die "$file cannot be read; ./test.sh writes such files as build/check/times.tsv"
  grep -qP '^step\t.+\t\d+$' "$file" || die "$file has no lines 'step<tab>NAME<tab>SECONDS': is it of ./test.sh?"
done

# Kind, name, seconds before and after; "-" where one run lacks it.
joined() {
  awk -F'\t' -v OFS='\t' '
    FNR == NR { old[$1 FS $2] = $3; next }
    { key = $1 FS $2; print key, (key in old ? old[key] : "-"), $3; delete old[key] }
    END { for (key in old) print key, old[key], "-" }' "$@"
}

printf '%10s %10s  %s\n' before after step
joined "$@" | awk -F'\t' '$1 == "step" { printf "%10s %10s  %s\n", $3, $4, $2 }'
printf '\n%10s %10s  %s\n' before after 'test, by change'
joined "$@" | awk -F'\t' '$1 == "test" { d = $4 - $3; printf "%f\t%10s %10s  %s\n", d < 0 ? -d : d, $3, $4, $2 }' |
  sort -gr | head -20 | cut -f2
