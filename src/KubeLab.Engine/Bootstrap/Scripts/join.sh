# shellcheck shell=bash
# Joins a machine to a cluster.
# Parameters: CLUSTER, ROLE (worker or control-plane), SERVER (the address at which this machine reaches the control planes), ENDPOINT (of the control
# planes: HOST:PORT), ENDPOINT_HOST (to be resolved by this machine, or empty), POD_NETWORK, POD_SUBNET, CONFIG (of kubeadm, contains a token), SEEN (stamp
# of the node record when it was read).
main() {
  lock "kubeadm join"
  ! completed_by_other_run "$ROLE" || return 0
  reset_node
  record joining
  private_config
  start_services
  if [[ $ROLE == control-plane ]]; then
    pull_images
  else
    check_images
  fi
  resolve_endpoint "$ENDPOINT_HOST" "$SERVER"
  step "kubeadm join"
  run_kubeadm join --config "$KUBEADM_CONFIG"
  record "done"
  changed "joined the cluster"
}

record() {
  mark cluster="$CLUSTER" role="$ROLE" state="$1" server="$SERVER" endpoint="$ENDPOINT" podNetwork="$POD_NETWORK" podSubnet="$POD_SUBNET"
}

# The images that every pod needs and that the node itself needs.
check_images() {
  # shellcheck disable=SC2046 # one argument an image
  need_images $(kubeadm_images "$(image_repository)" | grep -E '/(pause|kube-proxy):')
}
main </dev/null
