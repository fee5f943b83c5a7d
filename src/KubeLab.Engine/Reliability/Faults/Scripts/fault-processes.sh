# shellcheck shell=bash
# Faults of processes: ContainerPause, NodePause, NodeCrash. Included after fault.sh.

# read_process PID: sets state and start, the time at which it was started, so that a process ID that was reused is noticed.
read_process() {
  local fields content
  read_file "/proc/$1/stat" || return 1
  read -ra fields <<<"${content##*) }"
  state=${fields[0]} start=${fields[19]}
}

# freeze LIST: stops the processes that the function LIST prints, until it prints no new ones.
freeze() {
  local pid state start found=true
  local -A held=()
  : >pids
  while [[ $found == true ]]; do
    found=false
    for pid in $("$1"); do
      if [[ -n ${held[$pid]:-} ]] || ! read_process "$pid"; then continue; fi
      # A process that was stopped before the fault stays stopped afterwards.
      [[ $state != T ]] || grep -qsx "$pid $start" ../*/pids || continue
      echo "$pid $start" >>pids
      held[$pid]=$start
      kill -STOP "$pid" 2>/dev/null || true
      found=true
    done
  done
}

thaw() {
  local pid held state start
  # It can run again after a failure.
  [[ ! -e pids ]] || mv pids mine
  [[ -e mine ]] || return 0
  while read -r pid held; do
    if read_process "$pid" && [[ $start == "$held" ]] && ! grep -qsx "$pid $start" ../*/pids; then
      kill -CONT "$pid" 2>/dev/null || true
    fi
  done <mine
}

# The cgroups of a container's processes contain its ID.
container_pids() { grep -lsF "$CONTAINER" /proc/[0-9]*/cgroup | cut -d/ -f3 || true; }

# All processes but init, those of faults, and kernel threads, which have no program.
machine_pids() {
  local pid content
  for pid in /proc/[0-9]*; do
    pid=${pid#/proc/}
    if ((pid == 1)) || [[ ! -e /proc/$pid/exe ]]; then continue; fi
    read_file "/proc/$pid/cgroup" || continue
    [[ $content == *kubelab-fault-* ]] || echo "$pid"
  done
}

start_ContainerPause() {
  need_container
  freeze container_pids
}
end_ContainerPause() { thaw; }

start_NodePause() {
  local family
  for family in 4 6; do
    drop $family PREROUTING ! -i lo
    drop $family POSTROUTING ! -o lo
  done
  load_rules --test
}
hold_NodePause() {
  after_report
  alone
  load_rules
  freeze machine_pids
  exec 8>&-
}
end_NodePause() {
  thaw
  undrop
}

# A crashed kernel reboots by itself after the time in kernel.panic. The setting does not survive the reboot.
TRIGGER=/proc/sysrq-trigger
start_NodeCrash() {
  local seconds
  need_own_kernel "a crash would be that of the computer that runs it. Use a virtual machine, or a container that KubeLab created"
  [[ -w $TRIGGER ]] || fail FaultUnsupported "its kernel cannot be crashed ($TRIGGER is not writable)"
  [[ $(cat /sys/kernel/kexec_crash_loaded 2>/dev/null) != 1 ]] || fail FaultUnsupported "a crash kernel is loaded and would run instead of the fault"
  # The kernel accepts whole seconds only.
  seconds=${DURATION%.*}
  [[ $DURATION != *.* ]] || seconds=$((seconds + 1))
  panic_after >panic
  panic_after "$seconds" || fail FaultUnsupported "its kernel does not let the time be set after which it reboots (kernel.panic)"
}
hold_NodeCrash() {
  after_report
  echo c >"$TRIGGER"
}
end_NodeCrash() { [[ ! -s panic ]] || panic_after "$(<panic)"; }
# panic_after [SECONDS]: reads or sets the time after which a crashed kernel reboots.
panic_after() { if [[ $# == 0 ]]; then cat /proc/sys/kernel/panic; else echo "$1" >/proc/sys/kernel/panic; fi; }
