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
  [[ ! -e /etc/kubernetes/manifests/kube-apiserver.yaml ]] || fact expires "$(first_expiry)"
  [[ ! -e $MARK ]] || sed 's/^/::fact node./' "$MARK"
  [[ ! -e /etc/kubelab/mirror.yaml ]] || sed -n 's/^\([a-zA-Z]*\): \(.*\)$/::fact mirror.\1=\2/p' /etc/kubelab/mirror.yaml
}

# Prints when the first certificate of kubeadm expires, in seconds since 1970, or nothing if that is unknown. All certificates are read at once.
first_expiry() {
  local file
  command -v openssl >/dev/null || return 0
  for file in /etc/kubernetes/pki/*.crt /etc/kubernetes/pki/etcd/*.crt /etc/kubernetes/{admin,super-admin,controller-manager,scheduler}.conf; do
    case $file in
      *.crt) cat "$file" ;;
      *) sed -n 's/^ *client-certificate-data: *//p' "$file" | base64 -d ;;
    esac 2>/dev/null || true
    echo
  done | openssl crl2pkcs7 -nocrl -certfile /dev/stdin 2>/dev/null | openssl pkcs7 -print_certs -text -noout 2>/dev/null |
    sed -n 's/.*Not After : //p' | date -f - +%s | sort -n | head -1 || true
}
main </dev/null
