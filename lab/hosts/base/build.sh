#!/bin/bash
# Builds the root file system that all lab hosts share, and fetches the packages that are offered to them by yum.
# Needs: root, mmdebstrap, a registry of Debian packages; usage: build.sh ROOT DEBS APT_SOURCES DEB...
# Leaves: ROOT, not yet customized; DEBS with a .deb of each DEB, of the same versions as ROOT.
# Second run: refuses, ROOT and DEBS must not exist.
set -euo pipefail
umask 022
root=${1:?root directory} debs=${2:?directory for .deb files} sources=${3:?apt sources}
shift 3
for made in "$root" "$debs"; do
  [ ! -e "$made" ] || { echo "build.sh: $made exists: remove it first" >&2; exit 1; }
done
here=$(cd "$(dirname "$0")" && pwd)
include=$(grep -v '^#' "$here/packages.txt" | xargs | tr ' ' ',')
mkdir -p "$debs"

# No service may start while packages are unpacked: this machine would run it.
# shellcheck disable=SC2016  # mmdebstrap's hooks expand $1 and its variables themselves
no_services='mkdir -p "$1/usr/sbin" && printf "#!/bin/sh\nexit 101\n" >"$1/usr/sbin/policy-rc.d" && chmod 755 "$1/usr/sbin/policy-rc.d"'
# shellcheck disable=SC2016
fetch='cd "$LAB_DEBS" && APT_CONFIG="$MMDEBSTRAP_APT_CONFIG" apt-get -o APT::Sandbox::User=root download -qq $LAB_WANTED'
LAB_DEBS=$debs LAB_WANTED=$* mmdebstrap --quiet --mode=root --variant=minbase --format=directory \
  --aptopt='APT::Install-Recommends "false"' --include="$include" \
  --setup-hook="$no_services" --customize-hook="$fetch" bookworm "$root" "$sources"

rm -f "$root/usr/sbin/policy-rc.d"
rm -rf "$root"/var/cache/apt/archives/*.deb "$root"/var/lib/apt/lists/* "$root"/etc/apt/sources.list*
