# shellcheck shell=bash
# Faults of services: ServiceStop. Included after fault.sh.

start_ServiceStop() {
  if systemctl cat "$SERVICE.service" >/dev/null 2>&1; then
    local before
    systemctl is-active -q "$SERVICE" || others stopped | grep -qx "$SERVICE.service" || fail FaultTargetGone "the service $SERVICE is not running"
    before=$(active_units)
    echo "$SERVICE.service" >stopped
    systemctl stop "$SERVICE"
    # Stopping a service also stops those that require it.
    { cat stopped && comm -23 <(echo "$before") <(active_units); } | sort -u >all
    mv all stopped
  else
    containers >names
    [[ -s names ]] || fail FaultTargetGone "it runs neither a service nor a Kubernetes component named $SERVICE"
  fi
}
active_units() { systemctl list-units --type=service --state=active --plain --no-legend | awk '$1 !~ /^(kubelab-fault|session|user)/ {print $1}' | sort; }

# The containers of a component of Kubernetes.
containers() {
  command -v ctr >/dev/null || return 0
  ctr -n k8s.io containers ls -q "labels.\"io.kubernetes.container.name\"==$SERVICE,labels.\"io.kubernetes.pod.namespace\"==kube-system"
}

# The kubelet starts a component again, so it is killed again until the fault ends.
hold_ServiceStop() {
  [[ ! -e stopped ]] || return 0
  local id MAIN
  while true; do
    for id in $(containers); do
      ! main_pid "$id" || kill -KILL "$MAIN" 2>/dev/null || true
    done
    sleep 0.1
  done
}
end_ServiceStop() {
  # A kubelet that starts has no back-off, so it starts the component at once.
  [[ ! -s names ]] || systemctl try-restart kubelet
  [[ -e stopped || -e mine ]] || return 0
  # It can run again after a failure.
  [[ ! -e stopped ]] || mv stopped mine
  # What another fault has stopped stays stopped.
  comm -23 mine <(others stopped) | xargs -r systemctl start
}
