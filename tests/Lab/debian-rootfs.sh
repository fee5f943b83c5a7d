#!/usr/bin/env bash
# debian-rootfs.sh DIRECTORY: makes DIRECTORY/rootfs.tar, a Debian 12 whose apt-get works wherever this machine's does.
set -euo pipefail
out=$1
# shellcheck source=base.sh
. "$(dirname "$0")/base.sh"

say 'making debian:12 of Debian packages'
debian_sources deb >"$out/sources.list"
# What apt needs here to reach its mirror, it needs in a container.
apt-config dump | grep -E '^Acquire::(Check-|(http|https)::(Proxy|CaInfo|Verify))' >"$out/apt.conf" || true

options=(--variant=minbase --aptopt="$out/apt.conf" --aptopt='Acquire::Languages "none"')
if grep -q https: "$out/sources.list"; then
    # The machine may trust its mirror through an authority of its own.
    # shellcheck disable=SC2016
    options+=(--include=ca-certificates --customize-hook='sync-in /usr/local/share/ca-certificates /usr/local/share/ca-certificates'
        --customize-hook='chroot "$1" update-ca-certificates')
fi
mmdebstrap --quiet "${options[@]}" bookworm "$out/rootfs.tar" "$out/sources.list"
