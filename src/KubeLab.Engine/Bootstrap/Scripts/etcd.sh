# shellcheck shell=bash
# Removes another machine from the members of etcd, of which this machine is one. Does nothing if it is not a member.
# Parameters: MEMBER (name of the machine), PEER (its peer URL).
main() {
  local members id
  CONTAINER_ID=$(ctr -n k8s.io tasks ls -q | grep -xFf <(ctr -n k8s.io containers ls -q 'labels."io.kubernetes.container.name"==etcd') | head -1) || return 0
  members=$(etcd member list 2>&1) || fail EtcdNotLeft "the members of etcd could not be read: ${members##*$'\n'}"
  # A member that has not started has no name.
  id=$(awk -F', ' -v name="$MEMBER" -v peer="$PEER" '$3 == name || $4 == peer {print $1}' <<<"$members")
  [[ -n $id ]] || return 0
  step "Removing $MEMBER from etcd"
  members=$(etcd member remove "$id" 2>&1) || fail EtcdNotLeft "$MEMBER was not removed from etcd: ${members##*$'\n'}"
  changed "removed $MEMBER from etcd"
}

etcd() {
  local pki=/etc/kubernetes/pki/etcd
  ctr -n k8s.io tasks exec --exec-id "kubelab-$$-$RANDOM" "$CONTAINER_ID" etcdctl --endpoints https://127.0.0.1:2379 --command-timeout 15s \
    --cacert "$pki/ca.crt" --cert "$pki/server.crt" --key "$pki/server.key" "$@"
}
main </dev/null
