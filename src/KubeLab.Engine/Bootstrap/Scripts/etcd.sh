# shellcheck shell=bash
# Removes another machine from the members of etcd, of which this machine is one. Does nothing if it is not a member.
# Without MEMBER, only reports the client URLs of the members, and of those that are healthy.
# Parameters: MEMBER (name of the machine), PEER (its peer URL).
main() {
  local members id
  find_etcd || return 0
  [[ -n $MEMBER ]] || {
    report
    return
  }
  members=$(etcd member list 2>&1) || fail EtcdNotLeft "the members of etcd could not be read: ${members##*$'\n'}"
  # A member that has not started has no name.
  id=$(awk -F', ' -v name="$MEMBER" -v peer="$PEER" '$3 == name || $4 == peer {print $1}' <<<"$members")
  [[ -n $id ]] || return 0
  step "Removing $MEMBER from etcd"
  members=$(etcd member remove "$id" 2>&1) || fail EtcdNotLeft "$MEMBER was not removed from etcd: ${members##*$'\n'}"
  changed "removed $MEMBER from etcd"
}

# A member is healthy if it can read a value, for which it needs more than half of the members.
report() {
  local health
  health=$(etcd endpoint health --cluster 2>&1 || true)
  fact members "$(awk '$2 == "is" && /healthy/ {printf "%s ", $1}' <<<"$health")"
  fact healthy "$(awk '$2 == "is" && $3 == "healthy:" {printf "%s ", $1}' <<<"$health")"
}
main </dev/null
