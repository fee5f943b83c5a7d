# shellcheck shell=bash
# A fault. systemd runs it as the service kubelab-fault-ID: "run" starts the fault and holds it, "undo" ends it. The service has a maximum run time and
# systemd runs "undo" whatever ended the service, so the fault ends without KubeLab. Nothing of it survives a reboot.
# Parameters: ID, KIND, DURATION (seconds), STARTERS (the process of the starting script and its parents, up to the SSH server), and those of the kind.
# A kind has the function start_KIND. It has hold_KIND if it does something until the end, and end_KIND if there is something to undo.
set -euo pipefail
export LC_ALL=C PATH="$PATH:/usr/local/sbin:/usr/sbin:/sbin"

# fail ErrorId MESSAGE: the script that starts the fault passes the line on.
fail() {
  printf '::error %s\n' "$*"
  exit 3
}

# ready: the fault is in force, or comes into force when the starting script has reported this.
ready() {
  cut -d' ' -f1 /proc/uptime >started
  # It fails if systemd does not confirm within 5 s. The start has a longer limit.
  until systemd-notify --ready; do sleep 0.2; done
  : >ready
}

# Only one fault at a time starts or ends, because some faults have to know the others.
alone() {
  exec 8>>../lock
  flock 8
}

hold() { exec sleep infinity; }

# others FILE: the contents of a file of the other faults.
others() { cat /dev/null ../*/"$1" 2>/dev/null | sort; }

run() {
  alone
  "start_$KIND"
  exec 8>&-
  ready
  if declare -F "hold_$KIND" >/dev/null; then "hold_$KIND"; fi
  hold
}

# undo: repeats the end of the fault until it succeeds, because something else can use the machine's settings at the same time.
undo() {
  until bash program end; do sleep 1; done
}

end() {
  alone
  if declare -F "end_$KIND" >/dev/null; then "end_$KIND"; fi
  # The starting script still needs the log of a fault that did not start.
  [[ ! -e ready ]] || rm -f "$PWD.log"
  rm -rf "$PWD"
}

# read_file FILE: sets content. With set -e, bash ends at $(<FILE) where the file is missing, also in a condition.
read_file() {
  content=
  IFS= read -rd '' content <"$1" || [[ -n $content ]]
} 2>/dev/null

# main_pid CONTAINER: sets MAIN to the main process of a container.
main_pid() {
  local content
  read_file "/run/containerd/io.containerd.runtime.v2.task/k8s.io/$1/init.pid" && export MAIN="${content%$'\n'}"
}

# need_own_kernel CONSEQUENCE: for faults of the kernel. KubeLab may not know that a host is a container, so the machine is asked.
need_own_kernel() {
  [[ $SHARED_KERNEL == false && $(systemd-detect-virt -c || true) == none ]] || fail FaultUnsupported "it is a container, and $1"
}

need_tool() { command -v "$1" >/dev/null || fail FaultUnsupported "$1 is not installed"; }

need_container() { main_pid "$CONTAINER" || fail FaultTargetGone "the container is not running"; }
