# shellcheck shell=bash
# Starts a fault as a service of systemd. The service ends at DURATION, whatever happens to KubeLab and to the network.
# Parameters: ID, DURATION (seconds), ABOUT (one line, for faults.sh), SETTINGS (assignments), PROGRAM (fault.sh).
main() {
  local here=$RUN/faults/$ID starters
  command -v systemd-run >/dev/null || fail FaultUnsupported "systemd-run is not installed"
  install -d -m 0700 "$RUN/faults" "$here"
  printf '%s\n' "$ABOUT" >"$here/about"
  starters=$(ancestors $$)
  printf "STARTERS='%s'\n%s\n%s" "${starters//,/ }" "$SETTINGS" "$PROGRAM" >"$here/program"
  step "Starting the fault"
  if ! systemd-run --collect --unit="kubelab-fault-$ID" --property=Type=notify --property=NotifyAccess=all \
    --property=RuntimeMaxSec="$DURATION" --property=TimeoutStartSec=60 --property=StandardOutput="file:$here.log" --property=StandardError="file:$here.log" \
    --property=ExecStopPost="/bin/bash $here/program undo" /bin/bash "$here/program" run 2>"$here.error"; then
    cat "$here.log" "$here.error" 2>/dev/null
    rm -rf "$here" "$here.log" "$here.error"
    exit 1
  fi
  rm -f "$here.error"
  changed "started the fault $ID"
}
main </dev/null
