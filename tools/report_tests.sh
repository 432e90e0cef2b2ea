#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Adds up what single tests did, from the files that test programs left in the results folders of
# builds (cmake/PanguTests.cmake).
#
#   tools/report_tests.sh BUILD_DIR...            the ten slowest tests, and "N passed, N failed, N skipped"
#   tools/report_tests.sh --list BUILD_DIR...     a line for each test: build, test, outcome, seconds
set -euo pipefail
source "$(dirname "$0")/common.sh"

list=false
[[ ${1:-} == --list ]] && list=true && shift
[[ $# -gt 0 ]] || die "name the build folders whose results are to be added up"

outcomes() {
  local build
  for build in "$@"; do
    find "$build/results" -name '*.xml' -print0 2>/dev/null | sort -z |
      xargs -0 -r awk -v build="$(basename "$build")" '
        function attribute(name) {
          if (!match($0, " " name "=\"[^\"]*\"")) return ""
          return substr($0, RSTART + length(name) + 3, RLENGTH - length(name) - 4)
        }
        function flush() {
          if (test != "") printf "%s\t%s\t%s\t%s\n", build, test, outcome, seconds
          test = ""
        }
        /<testcase / {
          flush()
          label = FILENAME
          sub(/.*\//, "", label)
          sub(/\..*/, "", label)
          test = label "." attribute("classname") "." attribute("name")
          seconds = attribute("time")
          outcome = attribute("result") == "skipped" ? "skipped" : "passed"
        }
        /<failure / { outcome = "failed" }
        END { flush() }'
  done
}

if $list; then
  outcomes "$@"
  exit
fi
outcomes "$@" | sort -t$'\t' -k4,4gr | awk -F'\t' '
  { ++count[$3] }
  NR == 1 { print "the ten slowest tests, in seconds:" }
  NR <= 10 { printf "%8.1f  %-8s %s\n", $4, $1, $2 }
  END { printf "%d passed, %d failed, %d skipped\n", count["passed"], count["failed"], count["skipped"] }'
