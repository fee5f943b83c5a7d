# shellcheck shell=bash
# Initializes the control plane of a new cluster.
# Parameters: CLUSTER, ADDRESS, ENDPOINT (of the control planes: HOST:PORT), ENDPOINT_HOST (to be resolved by this machine, or empty), POD_NETWORK,
# POD_SUBNET, CONFIG (of kubeadm, contains a token), SEEN (stamp of the node record when it was read).
main() {
  lock "kubeadm init"
  if completed_by_other_run control-plane; then
    [[ $(marked podNetwork) == "$POD_NETWORK" ]] ||
      fail PodNetworkDiffers "another run has just created $CLUSTER with the pod network $(marked podNetwork)"
    fact podSubnet "$(marked podSubnet)"
    return
  fi
  reset_node
  record started
  private_config
  start_services
  pull_images
  resolve_endpoint "$ENDPOINT_HOST" "$ADDRESS"
  step "kubeadm init"
  run_kubeadm init --config "$KUBEADM_CONFIG" --skip-token-print
  record "done"
  changed "initialized the control plane"
}

record() {
  mark cluster="$CLUSTER" role=control-plane state="$1" server="$ADDRESS" endpoint="$ENDPOINT" podNetwork="$POD_NETWORK" podSubnet="$POD_SUBNET"
}
main </dev/null
