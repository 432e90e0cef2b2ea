#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Checks that clang-format would change nothing.
#
#   tools/check_format.sh         names the places that differ
#   tools/check_format.sh --fix   formats them
set -euo pipefail
source "$(dirname "$0")/common.sh"
cd "$(dirname "$0")/.."

# Other versions lay out some lines differently; this is Debian 12's.
clang_format=$(command -v clang-format-14 || command -v clang-format) ||
  die "clang-format is missing: run tools/install_dependencies.sh --test"
version=$("$clang_format" --version | sed -E 's/.*version ([0-9]+).*/\1/')
[[ $version == 14 ]] || die "clang-format is version $version; 14 is needed: its layout is the rule"

mapfile -t sources < <(find src apps include tests bench examples \
  \( -name '*.cpp' -o -name '*.h' \) ! -path '*/build/*' | sort)
case ${1:-} in
  '') "$clang_format" --dry-run -Werror "${sources[@]}" ||
    die "some files differ from .clang-format: run tools/check_format.sh --fix" ;;
  --fix) "$clang_format" -i "${sources[@]}" ;;
  *) die "unknown option '$1'; known: --fix" ;;
esac
