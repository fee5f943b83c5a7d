# shellcheck shell=bash
# What every node script starts with. Scripts arrive on standard input: each is functions and one last line that calls
# main with another standard input, so that no command in it swallows the rest of the script.
set -euo pipefail
export LC_ALL=C DEBIAN_FRONTEND=noninteractive PATH="$PATH:/usr/local/sbin:/usr/sbin:/sbin"

readonly MARK=/etc/kubelab/node
readonly CRI=unix:///run/containerd/containerd.sock

step() { printf '::step %s\n' "$*"; }
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

# mark KEY=VALUE...: what this machine is in which cluster, for the next run to see. Absence of the file: nothing of ours.
mark() {
  mkdir -p /etc/kubelab
  printf '%s\n' "$@" >"$MARK.new"
  mv "$MARK.new" "$MARK"
}

marked() { sed -n "s/^$1=//p" "$MARK" 2>/dev/null || true; }

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
