# shellcheck shell=bash
# Faults of resources: DiskFull, CpuStress, MemoryStress, ClockSkew. Included after fault.sh.

# The file has no name, so that its space is free as soon as this process ends, also after a reboot.
start_DiskFull() {
  local folder=$FAULT_FOLDER device='' shared block free size
  if [[ -n $CONTAINER ]]; then
    need_container
    device=$(awk -v at="$FAULT_FOLDER" '$5 == at {print $3}' "/proc/$MAIN/mountinfo" | tail -1)
    folder=/proc/$MAIN/root$FAULT_FOLDER
  fi
  pushd "$folder" >/dev/null 2>&1 || fail FaultTargetGone "$FAULT_FOLDER does not exist"
  # The pod could have replaced the folder by a link.
  [[ -z $CONTAINER || $(device_of .) == "$device" ]] || fail FaultTargetGone "$FAULT_FOLDER is not a volume of the container"
  for shared in / /var; do
    [[ $SHARED_KERNEL == false || $(stat -c %d $shared) != "$(stat -c %d .)" ]] ||
      fail FaultUnsupported "$FAULT_FOLDER is on the disk of the computer that runs the machine's container, which would be filled"
  done
  read -r block free < <(stat -f -c '%S %f' .)
  size=$((block * free - FREE_BYTES))
  ((size > 0)) || fail FaultTargetGone "only $((block * free)) bytes of $FAULT_FOLDER are free"
  [[ $(stat -f -c %T .) != tmpfs ]] || ((size < $(available_memory) / 2)) ||
    fail FaultUnsupported "$FAULT_FOLDER is in memory, and filling it would use most of the available memory"
  set -o noclobber
  exec 7>".kubelab-fault-$ID"
  set +o noclobber
  rm ".kubelab-fault-$ID"
  # Not all file systems support fallocate.
  fallocate -l "$size" /proc/self/fd/7 2>/dev/null || head -c "$size" /dev/zero >&7 || true
  popd >/dev/null || return
}
# device_of PATH: MAJOR:MINOR, as /proc/PID/mountinfo has it (makedev(3)).
device_of() {
  local device
  device=$(stat -c %d "$1")
  echo "$((device >> 8 & 0xfff)):$((device & 0xff | device >> 12 & 0xfff00))"
}

# pod_cgroups: the directories of the pod's cgroup: one, or with cgroup v1 one for each controller.
pod_cgroups() {
  local controllers path
  while IFS=: read -r _ controllers path; do
    if [[ -z $controllers && -e /sys/fs/cgroup/cgroup.controllers ]]; then
      dirname "/sys/fs/cgroup$path"
    elif [[ ,$controllers, == *,cpu,* || $controllers == memory ]] && [[ -d /sys/fs/cgroup/$controllers$path ]]; then
      dirname "/sys/fs/cgroup/$controllers$path"
    fi
  done <"/proc/$MAIN/cgroup"
}

# make_groups: makes a cgroup in that of the pod, whose limits then apply. Processes of a machine's fault stay in the cgroup of its service.
make_groups() {
  local group
  : >groups
  [[ -n $CONTAINER ]] || return 0
  need_container
  for group in $(pod_cgroups); do
    echo "$group/kubelab-fault-$ID" >>groups
    mkdir "$group/kubelab-fault-$ID"
  done
  [[ -s groups ]] || fail FaultUnsupported "the cgroup of the pod was not found"
}
# enter_groups: for the processes that use the resource. They must not hold the lock.
enter_groups() {
  local group
  exec 8>&-
  while read -r group; do
    echo "$BASHPID" >"$group/cgroup.procs"
  done <groups
}
remove_groups() {
  local group i
  [[ -e groups ]] || return 0
  while read -r group; do
    for ((i = 0; i < 100; i++)); do
      [[ -d $group ]] || break
      xargs -r kill -KILL <"$group/cgroup.procs" 2>/dev/null || true
      rmdir "$group" 2>/dev/null || sleep 0.05
    done
  done <groups
}

# end_with_child: the fault ends early when the process that uses the resource ends.
end_with_child() {
  wait -n || true
  exit
}

start_CpuStress() {
  local i
  make_groups
  for ((i = 0; i < CORES; i++)); do
    (
      enter_groups
      while :; do :; done
    ) &
  done
}
hold_CpuStress() { end_with_child; }
end_CpuStress() { remove_groups; }

available_memory() { awk '/^MemAvailable/ {printf "%d", $2 * 1024}' /proc/meminfo; }

start_MemoryStress() {
  local available resident=0
  available=$(available_memory)
  ((BYTES < available)) || fail FaultUnsupported "only $available bytes of its memory are available"
  make_groups
  (
    enter_groups
    # The kernel ends this process first when memory runs out.
    echo 1000 >/proc/self/oom_score_adj
    # tail keeps a line that does not end.
    { head -c "$BYTES" /dev/zero | tr '\0' x && sleep infinity; } | exec tail -n 1
  ) >/dev/null &
  until ((resident * 1024 >= BYTES)); do
    kill -0 $! 2>/dev/null || fail FaultUnsupported "the kernel did not grant the memory"
    resident=$(pgrep -P $! -x tail | xargs -rI PID sed -n 's/^VmRSS:[^0-9]*\([0-9]*\).*/\1/p' /proc/PID/status 2>/dev/null || true)
    resident=${resident:-0}
    sleep 0.05
  done
}
hold_MemoryStress() { end_with_child; }
end_MemoryStress() { remove_groups; }

start_ClockSkew() {
  local unit
  need_own_kernel "its clock is that of the computer that runs it. Use a machine with a kernel of its own"
  for unit in systemd-timesyncd chrony chronyd ntp ntpd ntpsec; do
    ! systemctl is-active -q $unit || echo $unit
  done >timers
  xargs -r systemctl stop <timers
  echo "$BY" >skew
  set_clock "$BY" || {
    rm skew
    fail FaultUnsupported "its clock cannot be set"
  }
}
set_clock() { date -s "@$(awk -v now="$(date +%s.%N)" -v by="$1" 'BEGIN {printf "%.6f", now + by}')" >/dev/null; }
end_ClockSkew() {
  local by left=0
  if [[ -e skew ]]; then
    by=$(<skew)
    if [[ $by == -* ]]; then by=${by#-}; else by=-$by; fi
    set_clock "$by" && rm skew || left=1
  fi
  # They correct the clock too.
  [[ ! -e timers ]] || xargs -r systemctl start <timers || left=1
  return $left
}
