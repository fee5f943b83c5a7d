# shellcheck shell=bash
# Initializes the control plane of a new cluster.
# Parameters: CLUSTER, ADDRESS, POD_NETWORK, POD_SUBNET, CONFIG (of kubeadm, contains a token), SEEN (stamp of the node record when it was read).
main() {
  lock "kubeadm init"
  if completed_by_other_run control-plane; then
    [[ $(marked podNetwork) == "$POD_NETWORK" ]] ||
      fail PodNetworkDiffers "another run has just created $CLUSTER with the pod network $(marked podNetwork)"
    fact podSubnet "$(marked podSubnet)"
    return
  fi
  reset_node
  mark cluster="$CLUSTER" role=control-plane state=started server="$ADDRESS" podNetwork="$POD_NETWORK" podSubnet="$POD_SUBNET"
  private_config
  start_services
  pull_images
  step "kubeadm init"
  run_kubeadm init --config "$KUBEADM_CONFIG" --skip-token-print
  mark cluster="$CLUSTER" role=control-plane state=done server="$ADDRESS" podNetwork="$POD_NETWORK" podSubnet="$POD_SUBNET"
  changed "initialized the control plane"
}

# Pulls the images before kubeadm does, to report progress.
pull_images() {
  local all image output number=0
  all=$(kubeadm config images list --config "$KUBEADM_CONFIG" 2>/dev/null)
  # shellcheck disable=SC2086 # one argument an image
  need_images $all
  ! command -v crictl >/dev/null || for image in "${MISSING[@]}"; do
    step "Pulling $image ($((++number)) of ${#MISSING[@]})"
    output=$(crictl pull "$image" 2>&1) || fail ImagesUnreachable "$image could not be pulled: ${output##*$'\n'}"
  done
}
main </dev/null
