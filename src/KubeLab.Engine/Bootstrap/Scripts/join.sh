# shellcheck shell=bash
# Makes a machine a worker of a cluster.
# Parameters: CLUSTER, SERVER (the control plane's address), CONFIG (kubeadm's, holds a token), SEEN (stamp of the mark that was seen).
main() {
  lock "kubeadm join"
  ! made_meanwhile worker || return 0
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

# What every pod of the node needs, and the node's own.
check_images() {
  local repository
  repository=$(sed -n 's/^imageRepository: //p' /etc/kubelab/mirror.yaml)
  # shellcheck disable=SC2046 # one argument an image
  need_images $(kubeadm config images list --kubernetes-version "$(kubeadm version -o short)" ${repository:+--image-repository "$repository"} 2>/dev/null | grep -E '/(pause|kube-proxy):')
}
main </dev/null
