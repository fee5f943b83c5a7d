# shellcheck shell=bash
# The caller of a fault. A fault that cuts the machine off from it waits until the caller has the report of the starting script. Included after fault.sh.

# after_report: waits until the caller has confirmed the report. If the connection is lost, the fault comes into force after 30 s.
after_report() {
  local end=$((SECONDS + 30))
  while ((SECONDS < end)) && is_reporting; do
    sleep 0.05
  done
}

# is_reporting: whether a process of the starting script is running, or the SSH server has data that the caller has not confirmed.
is_reporting() {
  local pid state unconfirmed
  for pid in $STARTERS; do
    read_process "$pid" || continue
    read -r unconfirmed _ < <(connection "$pid")
    # A server that sleeps has read all output, and has written it to its connection. That stays open for the next command.
    [[ $state != S || $unconfirmed != 0 ]]
    return
  done
  return 1
}

# connection PID: prints the number of unconfirmed bytes and the peer of the first TCP connection of a process. Later ones are tunnels.
connection() {
  ss -Htnp 2>/dev/null | awk -v key="pid=$1,fd=" '
    at = index($0, key) {
      fd = substr($0, at + length(key)) + 0
      if (first == "" || fd < first) { first = fd; found = $3 " " $5 }
    }
    END { print found }'
}

# caller_address: prints the address from which the caller is connected.
caller_address() {
  local pid peer
  for pid in $STARTERS; do
    read -r _ peer < <(connection "$pid")
    [[ -n $peer ]] || continue
    # An IPv4 address on a socket of IPv6 is [::ffff:ADDRESS]:PORT.
    peer=${peer%:*} peer=${peer//[][]/}
    echo "${peer#::ffff:}"
    return
  done
}
