# shellcheck shell=bash
# Makes a machine ready for kubeadm: kernel settings, container runtime, kubeadm, kubelet and kubectl, held.
# Parameters: VERSION (1.37.1 or 1.37; what is installed is kept where EXACT is empty), EXACT, APT and KEY (the repository
# and its key), RUNTIME_APT and RUNTIME_KEY (a containerd for where the distribution's is too old), REPOSITORY, URL and CA
# (images), POD_NETWORK, ADDRESS (must be one of the machine's), NOW (our clock), CONTAINER.
main() {
  # Before any wait: NOW is the time when this was sent.
  check_machine
  lock "Installing Kubernetes"
  kernel
  no_swap
  repair
  if ! installed; then
    refuse_upgrade
    repository "$APT" "$KEY" /etc/apt/sources.list.d/kubelab-kubernetes.list
    update
    choose_version
    choose_runtime
    step "Installing Kubernetes ${version%-*} and ${runtime:-the containerd that is there}"
    apt install -o Dpkg::Options::=--force-confold --allow-downgrades --allow-change-held-packages \
      "kubeadm=$version" "kubelet=$version" "kubectl=$version" iptables iproute2 conntrack ethtool socat ${runtime:+"$runtime"}
    changed "installed Kubernetes ${version%-*}"
  fi
  hold
  forget_mirror
  runtime_config
  start_services
  node_files
  fact kubeadm "$(kubeadm version -o short)"
}

check_machine() {
  [[ -d /run/systemd/system ]] || fail UnsupportedMachine "systemd does not run on it"
  command -v apt-get >/dev/null || fail UnsupportedMachine "it has no apt-get; Debian and Ubuntu are what KubeLab installs on"
  local skew=$(($(date +%s) - NOW))
  ((${skew#-} <= 5)) || warning "its clock is ${skew#-} s $([[ $skew == -* ]] && echo behind || echo ahead of) ours: certificates will be refused; set up time synchronisation"
  [[ " $(hostname -I) " == *" $ADDRESS "* ]] || fail AddressNotOnMachine "$ADDRESS is not among its addresses: $(hostname -I)"
}

kernel() {
  step "Kernel settings"
  put 0644 /etc/modules-load.d/kubelab.conf <<<$'overlay\nbr_netfilter'
  local module
  for module in overlay br_netfilter; do
    [[ -d /sys/module/$module ]] || modprobe "$module" 2>/dev/null || [[ -n $CONTAINER ]] || warning "no kernel module $module"
  done
  put 0644 /etc/sysctl.d/90-kubelab.conf <<<$'net.ipv4.ip_forward = 1\nnet.bridge.bridge-nf-call-iptables = 1\nnet.bridge.bridge-nf-call-ip6tables = 1'
  # A container may set what belongs to its own network namespace and not the rest.
  if was_put; then sysctl -q -e -p /etc/sysctl.d/90-kubelab.conf 2>/dev/null || [[ -n $CONTAINER ]]; fi
}

no_swap() {
  # In a container the swap is its host's: the kubelet is told to live with it instead.
  [[ -z $CONTAINER && $(wc -l </proc/swaps) -gt 1 ]] || return 0
  swapoff -a
  sed -i 's/^[^#].*[[:space:]]swap[[:space:]].*/# by KubeLab: &/' /etc/fstab
  changed "switched swap off"
}

# An installation that was cut off leaves packages by half, files and all.
repair() {
  local holder
  # A dpkg whose apt was ended carries on for a while, in a session of its own.
  while holder=$(pgrep -ox dpkg); do
    step "Waiting for dpkg (process $holder)"
    timeout 600 tail --pid="$holder" -f /dev/null
  done
  [[ -n $(dpkg --audit) ]] || return 0
  step "Completing an interrupted installation"
  local half
  half=$(dpkg-query -W -f '${db:Status-Eflag} ${Package}\n' | sed -n 's/^reinstreq //p')
  # shellcheck disable=SC2086 # one argument a package
  [[ -z $half ]] || dpkg --remove --force-remove-reinstreq --force-depends $half
  # What misses a package that was not unpacked yet stays as it is; apt then knows what to fetch.
  dpkg --configure -a --force-confold || true
  apt -o Dpkg::Options::=--force-confold --fix-broken install
  changed "completed an interrupted installation"
}

package() { dpkg-query -W -f '${db:Status-Status} ${Version}' "$1" 2>/dev/null | sed -n 's/^installed //p'; }

installed() {
  local one
  for one in kubeadm kubelet kubectl; do
    [[ $(package "$one") =~ ^${EXACT:+${VERSION//./\\.}[.-]} && -n $(package "$one") ]] || return 1
  done
  command -v containerd >/dev/null
}

refuse_upgrade() {
  [[ ! -e /etc/kubernetes/kubelet.conf ]] ||
    fail VersionDiffers "it is a node already, with Kubernetes $(package kubelet); another version is an upgrade of its cluster, and that is kubeadm upgrade's work"
}

os() { sed -n "s/^$1=//p" /etc/os-release; }
source_line() { local line=${1//\{id\}/$(os ID)} && echo "${line//\{codename\}/$(os VERSION_CODENAME)}"; }
keyring_of() { sed -n 's/.*signed-by=\([^] ]*\).*/\1/p' <<<"$1"; }

# repository LINE KEY LIST: adds an apt source whose key goes where its signed-by says.
repository() {
  local line keyring key
  line=$(source_line "$1") keyring=$(keyring_of "$line")
  step "Adding ${line##*] }"
  command -v curl >/dev/null || { update && apt install curl ca-certificates; }
  key=$(curl -fsSL --connect-timeout 15 --max-time 60 --retry 2 "${2//\{id\}/$(os ID)}" 2>&1) || {
    # An upstream repository holds one minor version: that there is none says there is no such version.
    [[ $key == *'returned error: 40'[34]* ]] && fail KubernetesVersionUnknown "there is no Kubernetes $VERSION at ${line##*] } (${key##*$'\n'})"
    fail MirrorUnreachable "$2: ${key##*$'\n'}"
  }
  [[ -z $keyring ]] || put 0644 "$keyring" <<<"$key"
  put 0644 "$3" <<<"$line"
}

# apt waits for another apt to end: its own lock time-out covers dpkg's lock, not the lists'.
apt() { apt-get -y -q --no-install-recommends -o DPkg::Lock::Timeout=600 ${CONTAINER:+-o Dpkg::Options::=--force-unsafe-io} "$@"; }

update() {
  step "Reading package lists"
  until update_said=$(apt update 2>&1); do
    local holder
    holder=$(sed -n 's/.*held by process \([0-9]*\).*/\1/p' <<<"$update_said" | head -1)
    [[ -n $holder ]] || { echo "$update_said" >&2; fail AptFailed "apt-get update failed: $(tail -1 <<<"$update_said")"; }
    step "Waiting for apt (process $holder)"
    timeout 600 tail --pid="$holder" -f /dev/null
  done
}

choose_version() {
  local all
  all=$(apt-cache madison kubeadm | awk '{print $3}' | sort -Vu)
  [[ -n $all ]] || fail MirrorUnreachable "no kubeadm in ${APT##*] }: $(grep -E '^(E|W|Err)' <<<"$update_said" | tail -1)"
  version=$(grep -E "^${VERSION//./\\.}([.-]|\$)" <<<"$all" | tail -1) ||
    fail KubernetesVersionUnknown "no Kubernetes $VERSION in ${APT##*] }; it has $(cut -d- -f1 <<<"$all" | sort -Vu | paste -sd' ')"
}

candidate() { apt-cache policy "$1" | sed -n 's/^ *Candidate: //p'; }

# Kubernetes 1.26 needs CRI v1, which containerd has from 1.6 on; 1.36 is the last to work with containerd 1 (kubernetes.io/blog, v1.35 release notes).
needed_runtime() {
  local minor=${version#*.}
  minor=${minor%%.*}
  ((minor < 37)) || { echo 2.0.0 && return; }
  ((minor < 26)) && echo 1.0.0 || echo 1.6.0
}

# is_enough VERSION: a package's or a program's.
is_enough() {
  local has=${1#*:}
  [[ ${has#v} == [0-9]* ]] && dpkg --compare-versions "${has#v}" ge "$(needed_runtime)"
}

choose_runtime() {
  local name
  runtime=
  if command -v containerd >/dev/null && is_enough "$(containerd --version | awk '{print $3}')"; then return; fi
  for _ in distribution runtime-repository; do
    for name in containerd containerd.io; do
      if is_enough "$(candidate "$name")"; then runtime=$name && return; fi
    done
    [[ -n $RUNTIME_APT ]] || break
    repository "$RUNTIME_APT" "$RUNTIME_KEY" /etc/apt/sources.list.d/kubelab-containerd.list
    update
  done
  fail ContainerdTooOld "Kubernetes ${version%-*} needs containerd $(needed_runtime); its repositories have $(candidate containerd)"
}

hold() {
  [[ $(apt-mark showhold kubeadm kubelet kubectl | wc -l) == 3 ]] || apt-mark hold kubeadm kubelet kubectl >/dev/null
}

runtime_config() {
  local sandbox restart=false
  sandbox=$(kubeadm config images list --kubernetes-version "$(kubeadm version -o short)" ${REPOSITORY:+--image-repository "$REPOSITORY"} 2>/dev/null | grep '/pause:')
  [[ ! -e /etc/containerd/config.toml || -e /etc/containerd/config.toml.before-kubelab ]] || cp -p /etc/containerd/config.toml /etc/containerd/config.toml.before-kubelab
  containerd_config "$sandbox"
  if was_put; then restart=true; fi
  if [[ -n $URL ]]; then
    local trust='' folder=$CERTS/${REPOSITORY%%/*}
    if [[ -n $CA ]]; then
      put 0644 "$folder/ca.crt" <<<"$CA"
      trust="  ca = \"$folder/ca.crt\""
    elif [[ -e $folder/ca.crt ]] && is_ours "$folder"; then
      rm "$folder/ca.crt"
    fi
    put 0644 "$folder/hosts.toml" <<<"$OURS
server = \"$URL\"

[host.\"$URL\"]
  capabilities = [\"pull\", \"resolve\"]
$trust"
  fi
  put 0644 /etc/crictl.yaml <<<"runtime-endpoint: $CRI
image-endpoint: $CRI"
  [[ $restart == true ]] || return 0
  step "Starting containerd"
  systemctl enable -q containerd kubelet
  systemctl restart containerd
}

readonly CERTS=/etc/containerd/certs.d
readonly OURS="# Written by KubeLab for its mirror of images."

# is_ours FOLDER: an earlier KubeLab wrote no first line of its own; the registry it wrote about stands in mirror.yaml.
is_ours() {
  [[ $(head -1 "$1/hosts.toml" 2>/dev/null) == "$OURS" ]] ||
    [[ $(mirrored) == "${1##*/}" && $(sed -n '4{s/^  capabilities = .*/ours/p}' "$1/hosts.toml" 2>/dev/null) == ours ]]
}

mirrored() { sed -n 's|^imageRepository: \([^/]*\).*|\1|p' /etc/kubelab/mirror.yaml 2>/dev/null; }

# What an earlier mirror named and this one does not goes. What others wrote stays, and a key that another source uses.
forget_mirror() {
  local folder
  for folder in "$CERTS"/*/; do
    folder=${folder%/}
    [[ -n $URL && ${folder##*/} == "${REPOSITORY%%/*}" ]] || ! is_ours "$folder" || {
      rm -f "$folder/hosts.toml" "$folder/ca.crt"
      rmdir "$folder" 2>/dev/null || true
      changed "removed the mirror of ${folder##*/}"
    }
  done
  forget_source kubernetes "$APT"
  forget_source containerd "$RUNTIME_APT"
}

unversioned() { sed -E 's/v[0-9]+(\.[0-9]+)*//g'; }

# forget_source NAME LINE: what is installed stays; the new source is added when something is installed from it.
forget_source() {
  local list=/etc/apt/sources.list.d/kubelab-$1.list line keyring
  [[ -e $list ]] || return 0
  line=$(<"$list") keyring=$(keyring_of "$line")
  # A newer version of the same mirror is the same mirror.
  [[ $(unversioned <<<"$line") != "$(source_line "$2" | unversioned)" ]] || return 0
  rm "$list"
  [[ -z $keyring ]] || grep -rqsF "$keyring" /etc/apt/sources.list /etc/apt/sources.list.d || rm -f "$keyring"
  changed "removed the package source ${line##*] }"
}

# The CRI plug-in's own keys; a distribution's file may have it disabled, and its default has no SystemdCgroup at all.
containerd_config() {
  local oom=false cri="plugins.'io.containerd.grpc.v1.cri'" schema=2 images
  # Without CAP_SYS_RESOURCE (bit 24) no container can be given a lower OOM score than its parent's.
  ((0x$(awk '/^CapBnd/ {print $2}' /proc/self/status) >> 24 & 1)) || oom=true
  # containerd 2 reads schema 3 in all its releases; 2.3 has a newer one and converts.
  if dpkg --compare-versions "$(containerd --version | awk '{sub("^v", "", $3); print $3}')" ge 2; then
    schema=3 cri="plugins.'io.containerd.cri.v1.runtime'" images="[plugins.'io.containerd.cri.v1.images'.pinned_images]
  sandbox = '$1'
[plugins.'io.containerd.cri.v1.images'.registry]
  config_path = '/etc/containerd/certs.d'"
  else
    images="[$cri.registry]
  config_path = '/etc/containerd/certs.d'
[$cri.cni]
  bin_dir = '/opt/cni/bin'
  conf_dir = '/etc/cni/net.d'"
  fi
  put 0644 /etc/containerd/config.toml <<<"# Written by KubeLab.
version = $schema

[$cri]
  restrict_oom_score_adj = $oom$([[ $schema == 3 ]] || printf "\n  sandbox_image = '%s'" "$1")
[$cri.containerd.runtimes.runc]
  runtime_type = 'io.containerd.runc.v2'
[$cri.containerd.runtimes.runc.options]
  SystemdCgroup = true
$images"
}

node_files() {
  mkdir -p /etc/kubelab
  # One path on every node for the resolver that pods use: a stub on a loopback address is no use to them.
  if [[ ! -e /etc/kubelab/resolv.conf ]]; then
    ln -sf "$([[ -e /run/systemd/resolve/resolv.conf ]] && echo /run/systemd/resolve/resolv.conf || echo /etc/resolv.conf)" /etc/kubelab/resolv.conf
  fi
  put 0644 /etc/kubelab/mirror.yaml <<<"# What this machine was installed from.
imageRepository: $REPOSITORY
podNetwork: $POD_NETWORK"
}
main </dev/null
