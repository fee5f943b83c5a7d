# shellcheck shell=bash
# What every node script starts with. Scripts arrive on standard input: each is functions and one last line that calls
# main with another standard input, so that no command in it swallows the rest of the script.
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
# put MODE PATH: standard input becomes the file, in one step; was_put says whether it was another before.
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

# lock WORK: one script at a time changes a machine. The lock is held by the script and by all that it starts, so it lasts until
# the last of these ends. A run that waits says for what. What a lost run left behind is ended, because nobody sees its result.
lock() {
  local began=$EPOCHSECONDS said='' pid group since line work
  mkdir -p "$RUN"
  exec 9>>"$RUN/lock"
  until flock -w 1 9; do
    read -r pid group since line work 2>/dev/null <"$RUN/holder" || continue
    if [[ $(ancestors "$pid") != "$line" ]] && holds_lock "$group"; then
      step "Ending a run that lost its connection: $work, for $((EPOCHSECONDS - since)) s"
      kill -s TERM -- "-$group" || true
      flock -w 5 9 || kill -s KILL -- "-$group" || true
    elif ((EPOCHSECONDS - began > 1200)); then
      fail MachineBusy "another run has been at work on it for $((EPOCHSECONDS - since)) s: $work (process $pid)"
    elif [[ $work != "$said" ]]; then
      step "Waiting for another run on this machine: $work, for $((EPOCHSECONDS - since)) s"
      said=$work
    fi
  done
  # A run that was killed outright could not remove its secret.
  rm -f "$RUN"/config.*
  holding=$EPOCHSECONDS
  hold_for "$1"
}

# hold_for WORK: what those who wait for the lock are told.
hold_for() {
  local group
  read -r _ _ _ _ group _ <"/proc/$$/stat"
  printf '%s %s %s %s %s\n' $$ "$group" "$holding" "$(ancestors $$)" "$*" >"$RUN/holder.$$"
  mv "$RUN/holder.$$" "$RUN/holder"
}

# ancestors PID: the processes from it up to its SSH session. When the session ends, one of them gets another parent.
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

# holds_lock GROUP: a number of a group may have been given to others since.
holds_lock() {
  local pid
  for pid in $(pgrep -g "$1"); do
    [[ -z $(find "/proc/$pid/fd" -lname "$RUN/lock" 2>/dev/null) ]] || return 0
  done
  return 1
}

# CONFIG, which is secret, becomes KUBEADM_CONFIG: a file of this run alone that goes when the script ends.
private_config() {
  KUBEADM_CONFIG=$(mktemp "$RUN/config.XXXXXX")
  trap 'rm -f "$KUBEADM_CONFIG"' EXIT
  printf '%s' "$CONFIG" >"$KUBEADM_CONFIG"
}

# mark KEY=VALUE...: what this machine is in which cluster, for the next run to see. Absence of the file: nothing of ours.
mark() {
  mkdir -p /etc/kubelab
  local new
  new=$(mktemp "$MARK.XXXXXX")
  printf '%s\n' "$@" >"$new"
  chmod 0644 "$new"
  mv "$new" "$MARK"
}

marked() { sed -n "s/^$1=//p" "$MARK" 2>/dev/null || true; }

# What tells one mark from the next.
stamp() { stat -c %.9Y "$MARK" 2>/dev/null || true; }

# made_meanwhile ROLE: while this run waited for the lock, another one made the machine what this one wants.
# SEEN is the stamp by which this run decided what to do.
made_meanwhile() {
  [[ $(stamp) != "$SEEN" && $(marked state) == "done" ]] || return 1
  [[ $(marked cluster) == "$CLUSTER" && $(marked role) == "$1" ]] ||
    fail MachineInUse "another run has just made it the $(marked role) of $(marked cluster)"
}

has_traces() {
  compgen -G '/etc/kubernetes/manifests/*.yaml' >/dev/null || compgen -G '/etc/kubernetes/*.conf' >/dev/null || [[ -d /var/lib/etcd/member ]]
}

# Takes a node that was made by half back to a machine. What KubeLab did not make is never touched.
reset_node() {
  has_traces || [[ -e $MARK ]] || return 0
  [[ -e $MARK ]] || fail MachineInUse "it carries a Kubernetes that KubeLab did not make (/etc/kubernetes is not empty)"
  step "Resetting a half-made node"
  timeout 120 kubeadm reset --force --cri-socket "$CRI" || warning "kubeadm reset did not finish"
  rm -rf /var/lib/etcd /var/lib/cni /etc/cni/net.d/10-kubelab.conflist /etc/kubelab/network /etc/kubelab/routes "$MARK"
  rm -f /etc/kubernetes/*.conf /etc/kubernetes/manifests/*.yaml
  ip link delete cni0 2>/dev/null || true
  changed "reset a half-made node"
}
