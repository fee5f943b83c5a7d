# shellcheck shell=bash
# Joins a machine to a cluster as a worker.
# Parameters: CLUSTER, SERVER (address of the control plane), CONFIG (of kubeadm, contains a token), SEEN (stamp of the node record when it was read).
main() {
  lock "kubeadm join"
  ! completed_by_other_run worker || return 0
  reset_node
  mark cluster="$CLUSTER" role=worker state=started server="$SERVER"
  private_config
  start_services
  check_images
  step "kubeadm join"
  run_kubeadm join --config "$KUBEADM_CONFIG"
  mark cluster="$CLUSTER" role=worker state=done server="$SERVER"
  changed "joined the cluster"
}

# The images that every pod needs and that the node itself needs.
check_images() {
  # shellcheck disable=SC2046 # one argument an image
  need_images $(kubeadm_images "$(sed -n 's/^imageRepository: //p' /etc/kubelab/mirror.yaml)" | grep -E '/(pause|kube-proxy):')
}
main </dev/null
