# shellcheck shell=bash
# The common part of all node scripts. Scripts arrive on standard input: each consists of functions and a last line that calls
# main with another standard input, so that no command reads the rest of the script.
set -euo pipefail
export LC_ALL=C DEBIAN_FRONTEND=noninteractive PATH="$PATH:/usr/local/sbin:/usr/sbin:/sbin"

readonly MARK=/etc/kubelab/node
readonly CRI=unix:///run/containerd/containerd.sock
readonly RUN=/run/kubelab

step() {
  printf '::step %s\n' "$*"
  [[ -z ${holding:-} ]] || hold_for "$*"
}
changed() { printf '::changed %s\n' "$*"; }
warning() { printf '::warning %s\n' "$*"; }
fact() { printf '::fact %s=%s\n' "$1" "$2"; }

# fail ErrorId MESSAGE
fail() {
  printf '::error %s\n' "$*"
  exit 3
}

put_changed=false
# put MODE PATH: writes standard input to the file atomically. was_put tells whether the file changed.
put() {
  mkdir -p "$(dirname "$2")"
  local new
  new=$(mktemp "$2.XXXXXX")
  cat >"$new"
  chmod "$1" "$new"
  put_changed=false
  if cmp -s "$new" "$2" && [[ $(stat -c %a "$2") == "${1#0}" ]]; then
    rm "$new"
  else
    mv "$new" "$2"
    put_changed=true
    changed "wrote $2"
  fi
}

was_put() { [[ $put_changed == true ]]; }

# lock WORK: only one script at a time changes a machine. The script and all its child processes hold the lock, so it lasts until
# the last of them exits. A waiting run reports the holder. If the holder has lost its SSH session, its processes are terminated.
lock() {
  local began=$EPOCHSECONDS reported='' pid group since line work
  mkdir -p "$RUN"
  exec 9>>"$RUN/lock"
  until flock -w 1 9; do
    if ! read -r pid group since line work 2>/dev/null <"$RUN/holder"; then
      # It was killed before it was recorded, and a child process holds the lock.
      pid=unknown since=$began work='an unknown process'
    fi
    if [[ $pid != unknown && $(ancestors "$pid") != "$line" ]] && holds_lock "$group"; then
      step "Stopping a run that lost its connection: $work, running for $((EPOCHSECONDS - since)) s"
      kill -s TERM -- "-$group" || true
      flock -w 5 9 || kill -s KILL -- "-$group" || true
    elif ((EPOCHSECONDS - began > 1200)); then
      fail MachineBusy "another run has been working on it for $((EPOCHSECONDS - since)) s: $work (process $pid)"
    elif [[ $work != "$reported" ]]; then
      step "Waiting for another run on this machine: $work, running for $((EPOCHSECONDS - since)) s"
      reported=$work
    fi
  done
  # A run that was killed could not remove its secret.
  rm -f "$RUN"/config.*
  holding=$EPOCHSECONDS
  hold_for "$1"
}

# hold_for WORK: records the current work for runs that wait for the lock.
hold_for() {
  local group
  read -r _ _ _ _ group _ <"/proc/$$/stat"
  printf '%s %s %s %s %s\n' $$ "$group" "$holding" "$(ancestors $$)" "$*" >"$RUN/holder.$$"
  mv "$RUN/holder.$$" "$RUN/holder"
}

# ancestors PID: the processes from PID up to its SSH session. When the session ends, one of them gets a new parent.
ancestors() {
  local pid=$1 all='' stat name
  while ((pid > 1)) && stat=$(cat "/proc/$pid/stat" 2>/dev/null); do
    all+=$pid,
    name=${stat#*(} stat=${stat##*) }
    [[ $name != sshd* ]] || break
    stat=${stat#* } pid=${stat%% *}
  done
  echo "$all"
}

# holds_lock GROUP: whether the process group holds the lock. Its number may have been reused.
holds_lock() {
  local pid
  for pid in $(pgrep -g "$1"); do
    [[ -z $(find "/proc/$pid/fd" -lname "$RUN/lock" 2>/dev/null) ]] || return 0
  done
  return 1
}

# Writes the secret CONFIG to the file KUBEADM_CONFIG, which is removed when the script exits.
private_config() {
  KUBEADM_CONFIG=$(mktemp "$RUN/config.XXXXXX")
  trap 'rm -f "$KUBEADM_CONFIG"' EXIT
  printf '%s' "$CONFIG" >"$KUBEADM_CONFIG"
}

# mark KEY=VALUE...: writes the node record: the role of this machine and its cluster. Without this file, the machine is not a KubeLab node.
mark() {
  mkdir -p /etc/kubelab
  local new
  new=$(mktemp "$MARK.XXXXXX")
  printf '%s\n' "$@" >"$new"
  chmod 0644 "$new"
  mv "$new" "$MARK"
}

marked() { sed -n "s/^$1=//p" "$MARK" 2>/dev/null || true; }

# Identifies the version of the node record.
stamp() { stat -c %.9Y "$MARK" 2>/dev/null || true; }

# completed_by_other_run ROLE: whether another run completed the same work while this run waited for the lock.
# SEEN is the stamp that this run read before.
completed_by_other_run() {
  [[ $(stamp) != "$SEEN" && $(marked state) == "done" ]] || return 1
  [[ $(marked cluster) == "$CLUSTER" && $(marked role) == "$1" ]] ||
    fail MachineInUse "another run has just configured it as $(marked role) of $(marked cluster)"
}

has_traces() {
  compgen -G '/etc/kubernetes/manifests/*.yaml' >/dev/null || compgen -G '/etc/kubernetes/*.conf' >/dev/null || [[ -d /var/lib/etcd/member ]]
}

# Resets an incomplete node. A node that KubeLab did not create is not changed.
reset_node() {
  has_traces || [[ -e $MARK ]] || return 0
  [[ -e $MARK ]] || fail MachineInUse "it has a Kubernetes installation that KubeLab did not create (/etc/kubernetes is not empty)"
  step "Resetting an incomplete node"
  timeout 120 kubeadm reset --force --cri-socket "$CRI" || warning "kubeadm reset did not complete"
  rm -rf /var/lib/etcd /var/lib/cni /etc/cni/net.d/10-kubelab.conflist /etc/kubelab/network /etc/kubelab/routes "$MARK"
  forget_endpoint
  rm -f /etc/kubernetes/*.conf /etc/kubernetes/manifests/*.yaml
  ip link delete cni0 2>/dev/null || true
  changed "reset an incomplete node"
}
