# shellcheck shell=bash
# Common functions for containerd, the kubelet and images. Included after lib.sh.

# Prints the services of a node that are not running, with their states.
stopped_services() {
  local unit state
  for unit in containerd kubelet; do
    [[ $unit == containerd || -e /etc/kubernetes/kubelet.conf ]] || continue
    state=$(systemctl show -p ActiveState -p SubState "$unit")
    case $state in
      *auto-restart*) echo "$unit (in a restart loop)" ;;
      *ActiveState=inactive* | *ActiveState=failed* | *ActiveState=deactivating*) echo "$unit ($(systemctl is-active "$unit" || true))" ;;
      *) [[ $unit == kubelet ]] || cri_ready || echo "$unit (without its CRI plugin)" ;;
    esac
  done
}

# Prints when the kubelet was started, in seconds since 1970 by the clock as it is now, or nothing if it is not running.
kubelet_started() {
  local pid
  pid=$(systemctl show -p MainPID --value kubelet)
  # Field 22 is the start of a process in ticks after the boot (proc(5), stat). The second process is awk, which starts now.
  awk -v now="$EPOCHREALTIME" -v tick="$(getconf CLK_TCK)" '{ sub(/.*\) /, ""); start[NR] = $20 }
    END { if (NR == 2) printf "%.0f\n", int(now - (start[2] - start[1]) / tick - 0.05) }' "/proc/$pid/stat" /proc/self/stat 2>/dev/null || true
}

cri_ready() { ctr plugins ls | awk '$1 ~ /\.cri\./ || $2 == "cri" {n++; if ($NF != "ok") bad = 1} END {exit bad || !n}'; }

start_services() {
  local unit state cause
  raise_inotify || true
  while read -r unit state; do
    step "Starting $unit"
    cause=$(inotify_error "$unit")
    if [[ -n $cause ]] && ! raise_inotify; then
      fail InotifyLimit "its $unit is $state: $cause; fs.inotify.max_user_instances is $(</proc/sys/fs/inotify/max_user_instances) and cannot be raised"
    fi
    systemctl reset-failed "$unit" 2>/dev/null || true
    { systemctl enable -q "$unit" && systemctl restart "$unit"; } ||
      fail ServiceDown "$unit could not be started: $(journalctl -u "$unit" -n 1 --no-pager -o cat)"
    changed "started $unit, which was $state${cause:+: $cause}"
  done < <(stopped_services | tr -d '()')
}

# inotify_error UNIT...: prints the log line about the kernel's limit of inotify instances and watches, if there is one.
inotify_error() {
  journalctl "${@/#/-u}" -n 100 --no-pager -o cat 2>/dev/null | grep -iE 'inotify|too many open files' | tail -1 | cut -c1-300 || true
}

# A control plane of Kubernetes 1.36 uses 28 instances and a worker 14. The default limit is 128 per user, shared by all containers of a host.
raise_inotify() {
  local name minimum
  while read -r name minimum; do
    (($(<"/proc/sys/fs/inotify/$name") < minimum)) || continue
    { echo "$minimum" >"/proc/sys/fs/inotify/$name"; } 2>/dev/null || return 1
    changed "raised fs.inotify.$name to $minimum"
  done <<<$'max_user_instances 8192\nmax_user_watches 524288'
}

# run_kubeadm ARGUMENT...: runs kubeadm and reports its waits as steps. Its own messages do not say why the kubelet exited.
run_kubeadm() {
  local status=0 cause line
  kubeadm "$@" 2>&1 | while IFS= read -r line; do
    printf '%s\n' "$line"
    [[ $line != '['*[Ww]aiting* && $line != '['*Reading* ]] || step "kubeadm $1: ${line#*] }"
  done || status=$?
  ((status == 0)) || {
    cause=$(inotify_error kubelet containerd)
    [[ -z $cause ]] || fail InotifyLimit "its kubelet or containerd exited because of the kernel's inotify limits: $cause"
    return "$status"
  }
}

# kubeadm_images REPOSITORY: prints the images of the installed version of Kubernetes.
kubeadm_images() {
  kubeadm config images list --kubernetes-version "$(kubeadm version -o short)" ${1:+--image-repository "$1"} 2>/dev/null
}

# need_images IMAGE...: requests the first missing image from the registry, with the proxy and mirrors of containerd, so that an
# unreachable registry is reported at once. Cases it cannot decide, such as a registry that requires a password, are left to the pull.
need_images() {
  local proxies output='' status limit
  mapfile -t MISSING < <(printf '%s\n' "$@" | grep -vxFf <(ctr -n k8s.io images ls -q))
  ((${#MISSING[@]} > 0)) || return 0
  mapfile -t proxies < <(tr '\0' '\n' <"/proc/$(systemctl show -p MainPID --value containerd)/environ" | grep -i '^[a-z]*_proxy=')
  # With 20 % packet loss, half of the requests take more than ten seconds.
  for limit in 10 20 30; do
    step "Checking ${MISSING[0]}${output:+ again: ${output##*$'\n'}}"
    status=0
    # A separate namespace, because the kubelet must not use an image without layers.
    output=$(timeout "$limit" env "${proxies[@]}" \
      ctr -n kubelab content fetch --metadata-only --hosts-dir /etc/containerd/certs.d "${MISSING[0]}" 2>&1) || status=$?
    ctr -n kubelab images rm "${MISSING[0]}" &>/dev/null || true
    case $status:$output in
      0:* | *'not defined'* | *[Aa]uthoriz* | *denied* | *Forbidden*) return ;;
      124:*) output="no response within $limit s" ;;
    esac
  done
  output=${output##*$'\n'} output=${output##*failed to do request: }
  fail ImagesUnreachable "${MISSING[0]} could not be pulled: ${output#ctr: }"
}

# image_repository: prints the repository that replaces registry.k8s.io, or nothing.
image_repository() { sed -n 's/^imageRepository: //p' /etc/kubelab/mirror.yaml; }

# Pulls the images of a control plane before kubeadm does, to report progress.
pull_images() {
  local image output number=0
  # shellcheck disable=SC2046 # one argument an image
  need_images $(kubeadm_images "$(image_repository)")
  ! command -v crictl >/dev/null || for image in "${MISSING[@]}"; do
    step "Pulling $image ($((++number)) of ${#MISSING[@]})"
    output=$(crictl pull "$image" 2>&1) || fail ImagesUnreachable "$image could not be pulled: ${output##*$'\n'}"
  done
}

# Sets ETCD to the container of etcd. Fails if it does not run.
find_etcd() {
  ETCD=$(ctr -n k8s.io tasks ls -q | grep -xFf <(ctr -n k8s.io containers ls -q 'labels."io.kubernetes.container.name"==etcd') | head -1)
}

# etcd ARGUMENT...: runs etcdctl in the container of etcd.
etcd() {
  local pki=/etc/kubernetes/pki/etcd
  ctr -n k8s.io tasks exec --exec-id "kubelab-$$-$RANDOM" "$ETCD" etcdctl --endpoints https://127.0.0.1:2379 --command-timeout "${ETCD_TIMEOUT:-15s}" \
    --cacert "$pki/ca.crt" --cert "$pki/server.crt" --key "$pki/server.key" "$@"
}

readonly ENDPOINT_FILES="/etc/kubelab/endpoint /usr/local/lib/kubelab/endpoint /etc/systemd/system/kubelet.service.d/20-kubelab-endpoint.conf"

# resolve_endpoint HOST ADDRESS: resolves the name of the control planes to an address. Does nothing if the name is empty, because others resolve it.
resolve_endpoint() {
  [[ -n $1 ]] || return 0
  local files
  read -ra files <<<"$ENDPOINT_FILES"
  put 0644 "${files[0]}" <<<"$2 $1"
  # shellcheck disable=SC2016 # a script
  put 0755 "${files[1]}" <<<'#!/bin/bash
# Resolves the name of the control planes. Docker and cloud-init can write /etc/hosts at boot. Written by KubeLab; runs before the kubelet.
set -euo pipefail
hosts=$(grep -v "# KubeLab$" /etc/hosts || true)
# In a container, the file is a mount, which cannot be replaced.
printf "%s\n" "$hosts" "$(</etc/kubelab/endpoint) # KubeLab" >/etc/hosts'
  put 0644 "${files[2]}" <<<$'[Service]\nExecStartPre=/usr/local/lib/kubelab/endpoint'
  ! was_put || systemctl daemon-reload
  "${files[1]}"
}

# Undoes resolve_endpoint.
forget_endpoint() {
  [[ -e ${ENDPOINT_FILES%% *} ]] || return 0
  local hosts
  # shellcheck disable=SC2086 # one argument a file
  rm -f $ENDPOINT_FILES
  hosts=$(grep -v '# KubeLab$' /etc/hosts || true)
  printf '%s\n' "$hosts" >/etc/hosts
  systemctl daemon-reload
}
