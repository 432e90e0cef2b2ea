#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Unpacks the aarch64 libraries that the preset `aarch64` builds with, and all they need, into
# build/arm-root. Needs no root: apt resolves them as for an empty arm64 system, and installs nothing.
#
#   tools/make_arm_root.sh PACKAGE...
#
# What is there already stays, as long as the packages asked for are the same.
set -euo pipefail
source "$(dirname "$0")/common.sh"
cd "$(dirname "$0")/.."
[[ $# -gt 0 ]] || die "which packages? tools/install_dependencies.sh --arm knows"

root=build/arm-root stamp=build/arm-root/packages.txt
[[ ! -f $stamp || $(<"$stamp") != "$*" ]] || exit 0

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir -p "$work"/{state/lists/partial,cache/archives/partial}
: >"$work/status"
apt=(apt-get -qq -o APT::Architecture=arm64 -o APT::Architectures=arm64 -o APT::Sandbox::User=
  -o Dir::State="$work/state" -o Dir::State::status="$work/status" -o Dir::Cache="$work/cache"
  -o Debug::NoLocking=1)
run "${apt[@]}" update || die "the package lists of arm64 cannot be had"
run "${apt[@]}" install --download-only -y --no-install-recommends "$@" >/dev/null ||
  die "the packages of arm64 cannot be had"

rm -rf "$root"
mkdir -p "$root"
for package in "$work"/cache/archives/*.deb; do
  dpkg-deb -x "$package" "$root"
  # Where each library is from, for packages that depend on it: file, package, version without the
  # revision of Debian.
  owner=$(dpkg-deb -W --showformat '${Package} ${Version}' "$package")
  dpkg-deb -c "$package" | awk -v owner="${owner%-*}" '$6 ~ /\.so\./ { print $6, owner }'
done >"$root/libraries.txt"
# Links that begin at the root of the system begin at this one.
find "$root" -type l -lname '/*' -printf '%p %l\n' | while read -r link target; do
  ln -sfr "$root$target" "$link"
done
echo "$*" >"$stamp"
