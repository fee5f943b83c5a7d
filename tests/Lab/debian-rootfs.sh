#!/usr/bin/env bash
# debian-rootfs.sh SUITE DIRECTORY: makes DIRECTORY/rootfs.tar, a Debian of this suite whose apt-get works wherever this machine's does.
set -euo pipefail
suite=$1 out=$2
# shellcheck source=base.sh
. "$(dirname "$0")/base.sh"

say "making an image of Debian $suite (20 s to a minute)"
# The machine's own mirrors, with the other suite in place of its own, as in "bookworm-security".
debian_sources deb | sed -E "s#^(deb [^ ]+) [a-z]+#\\1 $suite#" >"$out/sources.list"
# What apt needs here to reach its mirror, it needs in a container.
apt-config dump | grep -E '^Acquire::(Check-|(http|https)::(Proxy|CaInfo|Verify))' >"$out/apt.conf" || true

options=(--variant=minbase --aptopt="$out/apt.conf" --aptopt='Acquire::Languages "none"')
if grep -q https: "$out/sources.list"; then
    # The machine may trust its mirror through an authority of its own.
    # shellcheck disable=SC2016
    options+=(--include=ca-certificates --customize-hook='sync-in /usr/local/share/ca-certificates /usr/local/share/ca-certificates'
        --customize-hook='chroot "$1" update-ca-certificates')
fi
mmdebstrap --quiet "${options[@]}" "$suite" "$out/rootfs.tar" "$out/sources.list"
