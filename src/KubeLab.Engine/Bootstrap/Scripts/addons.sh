# shellcheck shell=bash
# Runs phases of kubeadm init, which create or recreate objects.
# Parameters: PHASES (such as addon/kube-proxy), CONFIG (of kubeadm, contains a token).
main() {
  lock "kubeadm init phase $PHASES"
  private_config
  local phase
  for phase in $PHASES; do
    step "kubeadm init phase ${phase/\// }"
    local arguments=("${phase%/*}")
    [[ $phase != */* ]] || arguments+=("${phase#*/}")
    # Without this, kubeadm prints the token.
    [[ $phase != bootstrap-token ]] || arguments+=(--skip-token-print)
    [[ $phase != upload-certs ]] || arguments+=(--upload-certs --skip-certificate-key-print)
    kubeadm init phase "${arguments[@]}" --config "$KUBEADM_CONFIG"
    changed "ran kubeadm init phase ${phase/\// }"
  done
}
main </dev/null
