# shellcheck shell=bash
# What node scripts have in common that look at containerd, the kubelet and images; it follows lib.sh.

# The services of a node that do not run, each with its state.
stopped_services() {
  local unit state
  for unit in containerd kubelet; do
    [[ $unit == containerd || -e /etc/kubernetes/kubelet.conf ]] || continue
    state=$(systemctl show -p ActiveState -p SubState "$unit")
    case $state in
      *auto-restart*) echo "$unit (in a restart loop)" ;;
      *ActiveState=inactive* | *ActiveState=failed* | *ActiveState=deactivating*) echo "$unit ($(systemctl is-active "$unit" || true))" ;;
      *) [[ $unit == kubelet ]] || cri_answers || echo "$unit (without its CRI plugin)" ;;
    esac
  done
}

cri_answers() { ctr plugins ls | awk '$1 ~ /\.cri\./ || $2 == "cri" {n++; if ($NF != "ok") bad = 1} END {exit bad || !n}'; }

start_services() {
  local unit state cause
  raise_inotify || true
  while read -r unit state; do
    step "Starting $unit"
    cause=$(died_of "$unit")
    if [[ -n $cause ]] && ! raise_inotify; then
      fail InotifyLimit "its $unit is $state: $cause; fs.inotify.max_user_instances is $(</proc/sys/fs/inotify/max_user_instances) and cannot be changed from there"
    fi
    systemctl reset-failed "$unit" 2>/dev/null || true
    { systemctl enable -q "$unit" && systemctl restart "$unit"; } ||
      fail ServiceDown "$unit does not start: $(journalctl -u "$unit" -n 1 --no-pager -o cat)"
    changed "started $unit, which was $state${cause:+: $cause}"
  done < <(stopped_services | tr -d '()')
}

# died_of UNIT...: the line that says so where it was the kernel's limit of inotify instances and watches.
died_of() {
  journalctl "${@/#/-u}" -n 100 --no-pager -o cat 2>/dev/null | grep -iE 'inotify|too many open files' | tail -1 | cut -c1-300 || true
}

# A control plane of Kubernetes 1.36 takes 28 instances and a worker 14; kernels allow one user 128, for all containers of a host together.
raise_inotify() {
  local name least
  while read -r name least; do
    (($(<"/proc/sys/fs/inotify/$name") < least)) || continue
    { echo "$least" >"/proc/sys/fs/inotify/$name"; } 2>/dev/null || return 1
    changed "raised fs.inotify.$name to $least"
  done <<<$'max_user_instances 8192\nmax_user_watches 524288'
}

# run_kubeadm ARGUMENT...: kubeadm; what it waits for becomes a step. Its own words do not say what its kubelet died of.
run_kubeadm() {
  local status=0 cause line
  kubeadm "$@" 2>&1 | while IFS= read -r line; do
    printf '%s\n' "$line"
    [[ $line != '['*[Ww]aiting* && $line != '['*Reading* ]] || step "kubeadm $1: ${line#*] }"
  done || status=$?
  ((status == 0)) || {
    cause=$(died_of kubelet containerd)
    [[ -z $cause ]] || fail InotifyLimit "its kubelet or containerd died of the kernel's inotify limits: $cause"
    return "$status"
  }
}

# need_images IMAGE...: before anything waits for them for minutes, asks the registry for the first that the machine lacks, as containerd would:
# with its proxy and its mirrors. What it cannot judge, such as a registry that wants a password, is left to the pull.
need_images() {
  local proxies said='' status limit
  mapfile -t MISSING < <(printf '%s\n' "$@" | grep -vxFf <(ctr -n k8s.io images ls -q))
  ((${#MISSING[@]} > 0)) || return 0
  mapfile -t proxies < <(tr '\0' '\n' <"/proc/$(systemctl show -p MainPID --value containerd)/environ" | grep -i '^[a-z]*_proxy=')
  # A network that loses every fifth packet takes more than ten seconds half of the time.
  for limit in 10 20 30; do
    step "Asking for ${MISSING[0]}${said:+ again: ${said##*$'\n'}}"
    status=0
    # In a namespace of its own: the kubelet must not take what has no layers for an image.
    said=$(timeout "$limit" env "${proxies[@]}" ctr -n kubelab content fetch --metadata-only --hosts-dir /etc/containerd/certs.d "${MISSING[0]}" 2>&1) || status=$?
    ctr -n kubelab images rm "${MISSING[0]}" &>/dev/null || true
    case $status:$said in
      0:* | *'not defined'* | *[Aa]uthoriz* | *denied* | *Forbidden*) return ;;
      124:*) said="no answer in $limit s" ;;
    esac
  done
  said=${said##*$'\n'} said=${said##*failed to do request: }
  fail ImagesUnreachable "${MISSING[0]} cannot be pulled: ${said#ctr: }"
}
