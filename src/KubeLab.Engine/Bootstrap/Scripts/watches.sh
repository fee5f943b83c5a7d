# shellcheck shell=bash
# Restarts clients of the API server after a cluster got more control planes. kube-proxy has the address of the control planes from when it started.
# When etcd gets its second member, it has no leader for a moment; a watch of the controller manager can then wait for minutes without events (seen with
# Kubernetes 1.20).
main() {
  step "Restarting kube-proxy and the controller manager"
  # All at once, because rules stay while they restart.
  kubectl --kubeconfig /etc/kubernetes/admin.conf -n kube-system delete pods -l k8s-app=kube-proxy --wait=false
  # The kubelet starts it again.
  pkill -f '^kube-controller-manager ' || true
}
main </dev/null
