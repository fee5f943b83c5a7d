# shellcheck shell=bash
# Makes a machine a worker of a cluster.
# Parameters: CLUSTER, SERVER (the control plane's address), CONFIG (kubeadm's, holds a token).
main() {
  reset_node
  mark cluster="$CLUSTER" role=worker state=started server="$SERVER"
  umask 077
  mkdir -p /run/kubelab
  trap 'rm -f /run/kubelab/join.yaml' EXIT
  printf '%s' "$CONFIG" >/run/kubelab/join.yaml
  step "kubeadm join"
  kubeadm join --config /run/kubelab/join.yaml
  umask 022
  mark cluster="$CLUSTER" role=worker state=done server="$SERVER"
  changed "joined the cluster"
}
main </dev/null
