# shellcheck shell=bash
# Faults of the network: NetworkPartition, NetworkLoss, DnsFailure, NetworkDelay, NetworkLimit. Included after fault.sh.

RULES4='' RULES6=''
readonly HOOKS=(PREROUTING INPUT OUTPUT POSTROUTING)
# drop FAMILY HOOK MATCH...: drops the packets that match. All rules are in chains of this fault, which are added in one step and removed as a whole.
drop() {
  local rules="-A KUBELAB-$ID-$2 ${*:3} -j DROP"$'\n'
  if [[ $1 == 4 ]]; then RULES4+=$rules; else RULES6+=$rules; fi
}

# load_rules [--test]
load_rules() {
  local hook family rules text
  for family in 4 6; do
    rules=RULES$family rules=${!rules} text='*mangle'$'\n'
    [[ -n $rules ]] || continue
    [[ $family == 4 || -s /proc/net/if_inet6 ]] || continue
    for hook in "${HOOKS[@]}"; do
      [[ $rules == *"-$hook "* ]] || continue
      text+=":KUBELAB-$ID-$hook - [0:0]"$'\n'"-I $hook 1 -j KUBELAB-$ID-$hook"$'\n'
    done
    need_tool "$(tool "$family")-restore"
    # Only what may have been loaded is removed.
    : >"rules$family"
    "$(tool "$family")-restore" -w 30 --noflush "$@" <<<"$text${rules}COMMIT" || {
      rm "rules$family"
      fail FaultUnsupported "its kernel does not support a rule of the fault"
    }
  done
}

# Rules that cut off the caller are tested before it gets the report, and loaded afterwards.
WAITING=false
test_rules() {
  load_rules --test
  WAITING=true
}
load_waiting() {
  [[ $WAITING == true ]] || return 0
  after_report
  load_rules
}
tool() { if [[ $1 == 4 ]]; then echo iptables; else echo ip6tables; fi; }

undrop() {
  local family hook chain rules left=0
  for family in 4 6; do
    [[ -e rules$family ]] || continue
    rules=$(mangle -S) || left=1
    for hook in "${HOOKS[@]}"; do
      chain=KUBELAB-$ID-$hook
      # Another program can have removed a part already. Both families are cleaned, whatever fails.
      if [[ $rules == *"-A $hook -j $chain"* ]]; then mangle -D "$hook" -j "$chain" || left=1; fi
      if [[ $rules == *"-N $chain"* ]]; then mangle -F "$chain" && mangle -X "$chain" || left=1; fi
    done
  done
  return $left
}
mangle() { "$(tool "$family")" -w 30 -t mangle "$@"; }

family() { if [[ $1 == *:* ]]; then echo 6; else echo 4; fi; }

# with_routes ADDRESS...: the addresses, and the networks that are reached through them: the pods of other nodes.
with_routes() {
  local address
  for address; do
    echo "$address"
    ip -o "-$(family "$address")" route show |
      awk -v via="$address" '{for (i = 1; i < NF; i++) if ($i == "via" && $(i + 1) == via && $1 != "default") print $1}'
  done
}

# The device with the machine's address. Packets of tunnels cross it once.
wire() { ip -o address show | awk -v address="$MACHINE_ADDRESS" '{split($4, a, "/")} a[1] == address {print $2; exit}' | cut -d@ -f1; }
need_wire() {
  need_tool ip
  WIRE=$(wire)
  [[ -n $WIRE ]] || fail FaultUnsupported "no network device has its address, $MACHINE_ADDRESS"
}

start_NetworkPartition() {
  local peer target caller
  need_tool ip
  # shellcheck disable=SC2086 # PEERS and TARGETS are lists.
  for peer in $(with_routes $PEERS); do
    if [[ -z $TARGETS ]]; then
      [[ $DIRECTION == Outbound ]] || drop "$(family "$peer")" PREROUTING -s "$peer"
      [[ $DIRECTION == Inbound ]] || drop "$(family "$peer")" POSTROUTING -d "$peer"
    fi
    for target in $TARGETS; do
      [[ $(family "$target") == "$(family "$peer")" ]] || continue
      [[ $DIRECTION == Inbound ]] || pod_rules "$(family "$peer")" -s "$target" -d "$peer"
      [[ $DIRECTION == Outbound ]] || pod_rules "$(family "$peer")" -s "$peer" -d "$target"
    done
  done
  caller=$(caller_address)
  # The caller, or its jump host, can be one of the peers.
  if [[ -z $TARGETS && " $PEERS " == *" $caller "* ]]; then test_rules; else load_rules; fi
}
hold_NetworkPartition() { load_waiting; }
# A packet of a pod passes one of these, and has the address of another pod there instead of a service's.
pod_rules() {
  drop "$1" POSTROUTING "${@:2}"
  drop "$1" INPUT "${@:2}"
}
end_NetworkPartition() { undrop; }

start_NetworkLoss() {
  local target family sample
  read -ra sample <<<"-m statistic --mode random --probability $PROBABILITY"
  for target in $TARGETS; do
    pod_rules "$(family "$target")" -s "$target" "${sample[@]}"
    pod_rules "$(family "$target")" -d "$target" "${sample[@]}"
  done
  if [[ -z $TARGETS ]]; then
    need_wire
    for family in 4 6; do
      drop $family PREROUTING -i "$WIRE" "${sample[@]}"
      drop $family POSTROUTING -o "$WIRE" "${sample[@]}"
    done
    test_rules
  else
    load_rules
  fi
}
hold_NetworkLoss() { load_waiting; }
end_NetworkLoss() { undrop; }

start_DnsFailure() {
  local target protocol family
  [[ -n $TARGETS ]] || need_wire
  for protocol in udp tcp; do
    for target in $TARGETS; do
      drop "$(family "$target")" PREROUTING -s "$target" -p $protocol --dport 53
    done
    [[ -z $TARGETS ]] || continue
    # Requests of the machine and of its pods, but not those that arrive from other nodes.
    for family in 4 6; do
      drop $family OUTPUT -p $protocol --dport 53
      drop $family PREROUTING ! -i "$WIRE" -p $protocol --dport 53
    done
  done
  load_rules
}
end_DnsFailure() { undrop; }

# Queueing disciplines of all faults of a device form a chain: netem and tbf each have one place for another. TC_DISCIPLINE is that of this fault.
start_NetworkDelay() {
  local place device handle
  need_tool tc
  need_tool ip
  if [[ -n $TARGETS ]]; then
    need_container
    place=$(ip netns identify "$MAIN") device=eth0
    [[ -n $place ]] || fail FaultUnsupported "the network namespace of the pod has no name"
  else
    need_wire
    place='' device=$WIRE
  fi
  handle=$(tc_in "$place" qdisc show dev "$device" root | awk '{print $3; exit}')
  [[ -z $handle || $handle == 0: ]] || others device | grep -qFx "$place/$device" ||
    fail FaultUnsupported "$device already has a queueing discipline of its own"
  echo "$place/$device" >device
  echo "$TC_DISCIPLINE" >discipline
  rebuild || fail FaultUnsupported "its kernel does not support the queueing discipline '${TC_DISCIPLINE%% *}'"
}
end_NetworkDelay() {
  [[ -e device ]] || return 0
  # It can run again after a failure.
  [[ ! -e discipline ]] || mv discipline mine
  rebuild || true
}
start_NetworkLimit() { start_NetworkDelay; }
end_NetworkLimit() { end_NetworkDelay; }

tc_in() { if [[ -n $1 ]]; then tc -n "$1" "${@:2}"; else tc "${@:2}"; fi; }

# rebuild: sets the chain of the device anew. The default discipline comes back when the chain is removed.
rebuild() {
  local other place device parent=root handle=1 discipline
  device=$(<device) place=${device%/*} device=${device##*/}
  [[ -z $place ]] || ip netns pids "$place" >/dev/null 2>&1 || return 0
  tc_in "$place" qdisc del dev "$device" root 2>/dev/null || true
  for other in ../*/discipline; do
    cmp -s device "${other%/*}/device" || continue
    read -ra discipline <"$other"
    # shellcheck disable=SC2086 # parent is "root" or "parent HANDLE".
    tc_in "$place" qdisc add dev "$device" $parent handle "a$handle:" "${discipline[@]}" || return 1
    parent="parent a$handle:1" handle=$((handle + 1))
  done
}
