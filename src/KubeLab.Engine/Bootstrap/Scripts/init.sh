# shellcheck shell=bash
# Makes a machine the control plane of a new cluster.
# Parameters: CLUSTER, ADDRESS, POD_NETWORK, POD_SUBNET, CONFIG (kubeadm's, holds a token).
main() {
  reset_node
  mark cluster="$CLUSTER" role=control-plane state=started server="$ADDRESS" podNetwork="$POD_NETWORK" podSubnet="$POD_SUBNET"
  umask 077
  mkdir -p /run/kubelab
  trap 'rm -f /run/kubelab/init.yaml' EXIT
  printf '%s' "$CONFIG" >/run/kubelab/init.yaml
  step "kubeadm init"
  kubeadm init --config /run/kubelab/init.yaml --skip-token-print
  umask 022
  mark cluster="$CLUSTER" role=control-plane state=done server="$ADDRESS" podNetwork="$POD_NETWORK" podSubnet="$POD_SUBNET"
  changed "made the control plane"
}
main </dev/null
