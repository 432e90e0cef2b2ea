#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Builds a Debian package of the program, its models and its man pages: build/release/package/*.deb
set -euo pipefail
source "$(dirname "$0")/common.sh"
cd "$(dirname "$0")/.."
[[ $# -eq 0 ]] || die "unknown argument '$1'"
for tool in help2man dpkg-shlibdeps file; do
  command -v "$tool" >/dev/null || die "$tool is missing: run tools/install_dependencies.sh --test"
done
use_ccache
run cmake --preset quickstart
run cmake --build --preset quickstart
rm -rf build/release/package
(cd build/release && run cpack -G DEB >/dev/null)
ls build/release/package/*.deb
