# shellcheck shell=bash
# Reports the state of a machine. Changes nothing.
main() {
  fact kubeadm "$(kubeadm version -o short 2>/dev/null || true)"
  fact cgroup "$([[ -e /sys/fs/cgroup/cgroup.controllers ]] && echo 2 || echo 1)"
  fact swap "$(($(wc -l </proc/swaps) > 1 ? 1 : 0))"
  fact addresses "$(ip -o -4 address show | awk '{split($4, a, "/"); printf "%s ", a[1]}')"
  # The networks and routes of the machine, except the default route and the routes of the cluster.
  fact networks "$(ip -4 route show | awk '$1 ~ /\// && !/ cni0 / && !/ proto 75/ && !/ proto bird/ {printf "%s ", $1}')"
  fact kubelet "$([[ -e /etc/kubernetes/kubelet.conf ]] && echo 1 || echo 0)"
  fact network "$([[ -e /etc/kubelab/network ]] && echo 1 || echo 0)"
  fact stamp "$(stamp)"
  ! command -v containerd >/dev/null || fact stopped "$(stopped_services | paste -sd,)"
  fact started "$(kubelet_started)"
  fact services "$(sed -n 's/.*--service-cluster-ip-range=//p' /etc/kubernetes/manifests/kube-apiserver.yaml 2>/dev/null || true)"
  [[ ! -e $MARK ]] || sed 's/^/::fact node./' "$MARK"
  [[ ! -e /etc/kubelab/mirror.yaml ]] || sed -n 's/^\([a-zA-Z]*\): \(.*\)$/::fact mirror.\1=\2/p' /etc/kubelab/mirror.yaml
}
main </dev/null
