# shellcheck shell=bash
# Reports what can be wrong with a node. Changes nothing.
main() {
  local folder name
  fact now "$EPOCHREALTIME"
  fact stopped "$(stopped_services | paste -sd,)"
  # The most used of the file systems that fill up, such as '81 /var/lib/containerd'.
  fact disk "$(df --output=pcent,target / /var/lib/kubelet /var/lib/containerd /var/lib/etcd 2>/dev/null |
    awk 'NR > 1 {print $1 + 0, $2}' | sort -rn | sed -n 1p || true)"
  [[ ! -e /etc/kubernetes/manifests/kube-apiserver.yaml ]] ||
    fact api "$(curl -sk -m 5 https://127.0.0.1:6443/readyz || echo 'no response')"
  for folder in /etc/containerd/certs.d/*/; do
    # The registries that KubeLab created.
    [[ -e $folder/ca.crt ]] || continue
    name=$(basename "$folder")
    # Without a password, a registry answers 401.
    fact registry "$name $(curl -s -m 5 -o /dev/null -w '%{http_code}' --cacert "$folder/ca.crt" "https://$name/v2/" || true)"
  done
}
main </dev/null
