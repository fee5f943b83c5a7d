# shellcheck shell=bash
# Connects from a pod on this node to other pods, to services and to node ports. Programs of the node run in the network namespace of the pod, which needs
# none itself.
# Parameters: POD (UID of the pod), PODS, NODE_PORTS (each NODE=HOST:PORT, separated by spaces), SERVICE (HOST:PORT), DNS (address of the cluster's DNS).
main() {
  local container one
  container=$(ctr -n k8s.io containers ls -q "labels.\"io.kubernetes.pod.uid\"==$POD" | head -1)
  PID=$(ctr -n k8s.io tasks ls | awk -v id="$container" 'id && $1 == id {print $2}')
  [[ -n $PID ]] || fail ConnectivityFailed "the container of the pod $POD does not run"
  for one in $PODS; do check "pod.${one%%=*}" reaches "${one#*=}" & done
  for one in $NODE_PORTS; do check "port.${one%%=*}" connects "${one#*=}" & done
  check service connects "$SERVICE" &
  check dns resolves &
  wait
}

# check FACT COMMAND...: rules for new pods and services can be a few seconds late.
check() {
  local name=$1 began=$EPOCHSECONDS
  shift
  until "$@"; do
    ((EPOCHSECONDS - began < 15)) || {
      fact "$name" failed
      return
    }
    sleep 0.5
  done
  fact "$name" ok
}

in_pod() { nsenter -t "$PID" -n timeout 3 "$@"; }

connects() { in_pod bash -c "exec 3<>/dev/tcp/${1%:*}/${1##*:}" 2>/dev/null; }

# The pod has no server. Its kernel rejects the connection, and without a route nothing does.
reaches() {
  local output
  output=$(in_pod bash -c "exec 3<>/dev/tcp/${1%:*}/${1##*:}" 2>&1) || [[ $output == *'onnection refused'* ]]
}

# Asks for the address of kube-dns.kube-system.svc.cluster.local, and expects an answer without an error and with a record (RFC 1035, 4.1).
# A name with a label of ten characters would contain a line feed, after which bash sends the rest as another datagram.
resolves() {
  local query='\x12\x34\x01\0\0\x01\0\0\0\0\0\0\x08kube-dns\x0bkube-system\x03svc\x07cluster\x05local\0\0\x01\0\x01' answer
  # shellcheck disable=SC2016 # expanded in the pod
  answer=$(in_pod bash -c 'exec 3<>/dev/udp/$0/53; printf "$1" >&3; head -c 8 <&3 | od -An -tx1' "$DNS" "$query" 2>/dev/null) || return 1
  [[ $answer == *' 12 34 '??' '?'0 '* && $answer != *' 00 00' ]]
}
main </dev/null
