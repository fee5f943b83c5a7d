# shellcheck shell=bash
# Makes again what a control plane keeps in its cluster and what has been deleted there.
# Parameters: PHASES (of kubeadm init, as in addon/kube-proxy), CONFIG (kubeadm's, holds a token).
main() {
  lock "kubeadm init phase $PHASES"
  private_config
  local phase
  for phase in $PHASES; do
    step "kubeadm init phase ${phase/\// }"
    local arguments=("${phase%/*}")
    [[ $phase != */* ]] || arguments+=("${phase#*/}")
    # It would print the token.
    [[ $phase != bootstrap-token ]] || arguments+=(--skip-token-print)
    kubeadm init phase "${arguments[@]}" --config "$KUBEADM_CONFIG"
    changed "ran kubeadm init phase ${phase/\// }"
  done
}
main </dev/null
