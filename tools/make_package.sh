#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Builds a Debian package of the program, its models and its man pages.
#
#   tools/make_package.sh           for this machine: build/release/package/*.deb
#   tools/make_package.sh aarch64   for 64-bit Arm, cross-compiled: build/aarch64/package/*.deb
set -euo pipefail
source "$(dirname "$0")/common.sh"
cd "$(dirname "$0")/.."
preset=${1:-quickstart}
case $preset in
  quickstart) build=build/release ;;
  aarch64) build=build/aarch64 ;;
  *) die "unknown argument '$preset'; known: aarch64" ;;
esac
for tool in help2man dpkg-shlibdeps file; do
  command -v "$tool" >/dev/null || die "$tool is missing: run tools/install_dependencies.sh --test"
done

# The packages of build/arm-root that have the libraries of a program: dpkg-shlibdeps, which finds
# those of this machine, knows nothing of them.
arm_depends() {
  local library
  aarch64-linux-gnu-readelf -d "$1" | sed -n 's/.*(NEEDED).*\[\(.*\)\]/\1/p' | while read -r library; do
    grep -F "/$library " build/arm-root/libraries.txt | head -1 | awk '{ print $2 " (>= " $3 ")" }'
  done | sort -u | paste -sd, | sed 's/,/, /g'
}

use_ccache
run cmake --preset "$preset"
rm -rf "$build/package"
options=(-G DEB)
if [[ $preset == aarch64 ]]; then
  run cmake --build --preset aarch64 --target pangu_cli pangu_man
  options+=(-D CPACK_DEBIAN_PACKAGE_SHLIBDEPS=OFF -D CPACK_DEBIAN_PROGRAM_PACKAGE_SHLIBDEPS=OFF
    -D "CPACK_DEBIAN_PROGRAM_PACKAGE_DEPENDS=$(arm_depends "$build/bin/pangu")")
else
  run cmake --build --preset quickstart
fi
(cd "$build" && run cpack "${options[@]}" >/dev/null)
ls "$build"/package/*.deb
