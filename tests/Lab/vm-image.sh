#!/usr/bin/env bash
# vm-image.sh DIRECTORY: makes DIRECTORY/disk.img, vmlinuz and initrd.img: a Debian 12 that boots in a virtual machine and takes the key of its root user
# from the credential ssh.authorized_keys.root (systemd.exec(5), kernel parameter systemd.set_credential_binary).
set -euo pipefail
out=$1
# shellcheck source=base.sh
. "$(dirname "$0")/base.sh"

say 'making an image of Debian for virtual machines (about a minute)'
debian_sources deb | sed -E 's#^(deb [^ ]+) [a-z]+#\1 bookworm#' >"$out/sources.list"
# Each machine makes its own host key once, of the kind that an emulated processor makes fast. Units that this machine does not need are masked.
# shellcheck disable=SC2016
mmdebstrap --quiet --variant=minbase --aptopt='Acquire::Languages "none"' \
    --include=systemd,systemd-sysv,dbus,openssh-server,sudo,iproute2,iptables,iputils-ping,procps,linux-image-cloud-amd64 \
    --customize-hook='rm "$1"/etc/ssh/ssh_host_*' \
    --customize-hook='mkdir "$1/etc/systemd/system/ssh.service.d"' \
    --customize-hook='printf "[Service]\nExecStartPre=\nExecStartPre=-ssh-keygen -q -t ed25519 -N \"\" -f /etc/ssh/ssh_host_ed25519_key\n" \
        >"$1/etc/systemd/system/ssh.service.d/keys.conf"' \
    --customize-hook='printf "[Match]\nName=e*\n[Network]\nDHCP=ipv4\n" >"$1/etc/systemd/network/wired.network"' \
    --customize-hook='systemctl --root="$1" --quiet enable systemd-networkd' \
    --customize-hook='systemctl --root="$1" --quiet mask e2scrub_reap.service apt-daily.timer apt-daily-upgrade.timer \
        dev-hugepages.mount dev-mqueue.mount sys-kernel-debug.mount sys-kernel-tracing.mount modprobe@.service getty.target' \
    --customize-hook='echo "/dev/vda / ext4 rw 0 0" >"$1/etc/fstab"; echo vm >"$1/etc/hostname"' \
    --customize-hook="cp \"\$1\"/vmlinuz \"\$1\"/initrd.img \"$out\"" \
    bookworm "$out/root" "$out/sources.list"
mke2fs -q -t ext4 -d "$out/root" "$out/disk.img" 1G
rm -r "$out/root" "$out/sources.list"
