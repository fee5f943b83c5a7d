# shellcheck shell=bash
# Makes the machine on which install.sh has run before the template of an image: nothing on it identifies a machine or belongs to one.
main() {
  [[ $(<"$PREPARED") =~ ^$RECIPE\ [0-9a-f]{64}$ ]] || fail MirrorUnreachable "the index of ${APT##*] } could not be read"
  systemctl stop containerd ssh
  apt-get clean
  rm -rf /var/lib/apt/lists/* /var/lib/dbus/machine-id /var/lib/systemd/random-seed /var/tmp/*
  rm -f /etc/ssh/ssh_host_* /etc/kubelab/resolv.conf /etc/kubelab/prepare \
    /etc/systemd/system/kubelab-prepare.service /etc/systemd/system/*.wants/kubelab-prepare.service
  journalctl --relinquish-var # What follows is logged to memory only.
  rm -rf /var/log/journal/*
  find /var/log -type f -exec truncate -s 0 {} +
  truncate -s 0 /etc/machine-id
}
main </dev/null
