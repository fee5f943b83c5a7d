# shellcheck shell=bash
# Writes the state of a cluster to standard output as a tar archive: a snapshot of etcd (etcd.db) and the certificate authorities (pki).
# Prints its markers to standard error.
main() {
  exec 3>&1 >&2
  local output file
  find_etcd || fail EtcdUnhealthy "etcd does not run on this control plane"
  # A read that needs more than half of the members.
  output=$(etcd endpoint health 2>&1) || fail EtcdUnhealthy "etcd is not healthy: ${output##*$'\n'}"
  for file in $AUTHORITIES; do
    [[ -s /etc/kubernetes/$file ]] || fail AuthorityKeyMissing "it does not have /etc/kubernetes/$file"
  done
  step "Saving a snapshot of etcd"
  # The container of etcd has this folder. A run that was killed could not remove its snapshot.
  find /var/lib/etcd -maxdepth 1 -name 'kubelab-backup.*' -mmin +60 -exec rm -rf {} +
  FOLDER=$(mktemp -d /var/lib/etcd/kubelab-backup.XXXXXX)
  trap 'rm -rf "$FOLDER"' EXIT
  output=$(ETCD_TIMEOUT=10m etcd snapshot save "$FOLDER/etcd.db" 2>&1) || fail BackupFailed "the snapshot could not be saved: ${output##*$'\n'}"
  # shellcheck disable=SC2086 # one argument a file
  tar -C "$FOLDER" -cf - etcd.db -C /etc/kubernetes $AUTHORITIES >&3
}

readonly AUTHORITIES="pki/ca.crt pki/ca.key pki/sa.pub pki/sa.key pki/front-proxy-ca.crt pki/front-proxy-ca.key pki/etcd/ca.crt pki/etcd/ca.key"
main </dev/null
