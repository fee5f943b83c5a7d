# shellcheck shell=bash
# Prints the identifier of the machine's start, and what is not healthy: services of a node that are not active, or a kubelet that does not answer
# (kubelet --healthz-port).
main() {
  local unit answer
  fact boot "$(</proc/sys/kernel/random/boot_id)"
  [[ -e /etc/kubernetes/kubelet.conf ]] || return 0
  for unit in containerd kubelet; do
    systemctl is-active -q $unit || fact problem "$unit is not running"
  done
  answer=$(timeout 2 bash -c 'exec 3<>/dev/tcp/127.0.0.1/10248 && printf "GET /healthz HTTP/1.0\r\n\r\n" >&3 && head -1 <&3' 2>/dev/null || true)
  [[ $answer == *' 200 '* ]] || fact problem "the kubelet does not answer"
}
main </dev/null
