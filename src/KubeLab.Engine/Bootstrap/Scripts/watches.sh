# shellcheck shell=bash
# Restarts clients of the API server after a cluster got more control planes. kube-proxy has the address of the control planes from when it started.
# When etcd gets its second member, it has no leader for a moment; a watch of the controller manager can then wait for minutes without events (seen with
# Kubernetes 1.20).
main() {
  local kubectl=(kubectl --kubeconfig /etc/kubernetes/admin.conf -n kube-system)
  step "Restarting kube-proxy and the controller manager"
  [[ -z $("${kubectl[@]}" get daemonset kube-proxy --ignore-not-found -o name) ]] || "${kubectl[@]}" rollout restart daemonset kube-proxy
  # The kubelet starts it again.
  pkill -f '^kube-controller-manager ' || true
}
main </dev/null
