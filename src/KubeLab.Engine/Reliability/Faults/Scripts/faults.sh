# shellcheck shell=bash
# Prints the faults of a machine: ID=STATE AGE ABOUT, with the age in seconds. Ends those in END (IDs) first.
main() {
  local here id state started about now
  for id in $END; do
    end "$id"
  done
  for here in "$RUN"/faults/*/; do
    [[ -e ${here}about ]] || continue
    id=$(basename "$here") state=active
    systemctl is-active -q "kubelab-fault-$id" || state=failed
    { read -r started <"${here}started" && read -r about <"${here}about"; } 2>/dev/null || continue
    read -r now _ </proc/uptime
    fact "$id" "$state $(awk -v now="$now" -v then="$started" 'BEGIN {printf "%.2f", now - then}') $about"
  done
}

# end ID: the service runs the undo. If that failed before, it is run again.
end() {
  [[ -d $RUN/faults/$1 ]] || return 0
  timeout 60 systemctl stop "kubelab-fault-$1" 2>/dev/null || true
  [[ ! -d $RUN/faults/$1 ]] || bash "$RUN/faults/$1/program" end
  changed "ended the fault $1"
}
main </dev/null
