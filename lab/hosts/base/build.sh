#!/bin/bash
# Builds the root file system that all lab hosts share, and downloads the packages that the yum
# repository is built from.
# Needs: root, mmdebstrap, a registry of Debian packages; usage: build.sh ROOT DEBS APT_SOURCES
# DEB...
# Leaves: ROOT, not yet customized; DEBS with a .deb of each DEB, in the versions that match ROOT.
# Second run: fails, because ROOT and DEBS must not exist.
set -euo pipefail
umask 022
root=${1:?root directory} debs=${2:?directory for .deb files} sources=${3:?apt sources}
shift 3
for target in "$root" "$debs"; do
  [ ! -e "$target" ] || {
    echo "build.sh: $target: already exists; remove it first" >&2
    exit 1
  }
done
here=$(cd "$(dirname "$0")" && pwd)
include=$(grep -v '^#' "$here/packages.txt" | xargs | tr ' ' ',')
mkdir -p "$debs"

# Services must not start while packages are unpacked, because they would run on this machine.
# shellcheck disable=SC2016  # mmdebstrap's hooks expand $1 and its variables themselves
no_services='mkdir -p "$1/usr/sbin" && printf "#!/bin/sh\nexit 101\n" >"$1/usr/sbin/policy-rc.d" && chmod 755 "$1/usr/sbin/policy-rc.d"'
# shellcheck disable=SC2016
fetch='cd "$LAB_DEBS" && APT_CONFIG="$MMDEBSTRAP_APT_CONFIG" apt-get -o APT::Sandbox::User=root download -qq $LAB_WANTED'
LAB_DEBS=$debs LAB_WANTED=$* mmdebstrap --quiet --mode=root --variant=minbase --format=directory \
  --aptopt='APT::Install-Recommends "false"' --include="$include" \
  --setup-hook="$no_services" --customize-hook="$fetch" bookworm "$root" "$sources"

rm -f "$root/usr/sbin/policy-rc.d"
rm -rf "$root"/var/cache/apt/archives/*.deb "$root"/var/lib/apt/lists/* \
  "$root"/etc/apt/sources.list*
