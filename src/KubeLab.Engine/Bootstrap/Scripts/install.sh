# shellcheck shell=bash
# Prepares a machine for kubeadm: kernel settings, container runtime, kubeadm, kubelet and kubectl. The packages are held.
# Parameters: VERSION (1.37.1 or 1.37; if EXACT is empty, an installed version is kept), EXACT, APT and KEY (the repository
# and its key), RUNTIME_APT and RUNTIME_KEY (a repository of containerd, used if the distribution's version is too old),
# REPOSITORY, URL and CA (images), POD_NETWORK and MANIFEST (its URL), CONTAINER, RECIPE (a hash of the parameters so far and of the scripts),
# ADDRESS (an address of the machine), NOW (the time of the computer that runs KubeLab), PREPARE (not empty: for an image, which has neither
# address nor time).
main() {
  # First, because NOW is the time when the script was sent.
  check_machine
  lock "Installing Kubernetes"
  kernel
  no_swap
  repair
  [[ -z $PREPARE ]] || put 0644 "$PREPARED" <<<"$RECIPE $(index)"
  if ! installed; then
    refuse_upgrade
    remove_images
    repository "$APT" "$KEY" /etc/apt/sources.list.d/kubelab-kubernetes.list
    update
    choose_version
    choose_runtime
    step "Installing Kubernetes ${version%-*} and ${runtime:-the existing containerd}"
    apt install -o Dpkg::Options::=--force-confold --allow-downgrades --allow-change-held-packages \
      "kubeadm=$version" "kubelet=$version" "kubectl=$version" iptables iproute2 conntrack ethtool socat ${runtime:+"$runtime"}
    changed "installed Kubernetes ${version%-*}"
    fact installed "${version%-*} $(index)"
  elif [[ -e $PREPARED ]]; then
    step "Using the prepared installation of Kubernetes $(package kubelet)"
  fi
  [[ -n $PREPARE ]] || rm -f "$PREPARED"
  hold
  remove_old_mirror
  runtime_config
  start_services
  node_files
  fact kubeadm "$(kubeadm version -o short)"
}

check_machine() {
  [[ -d /run/systemd/system ]] || fail UnsupportedMachine "systemd is not running"
  command -v apt-get >/dev/null || fail UnsupportedMachine "apt-get is not installed; KubeLab supports Debian and Ubuntu"
  [[ -z $PREPARE ]] || return 0
  local skew=$(($(date +%s) - NOW))
  ((${skew#-} <= 5)) ||
    warning "the clock is ${skew#-} s $([[ $skew == -* ]] && echo behind || echo ahead of) the local clock, so certificates will be rejected; synchronize it"
  [[ " $(hostname -I) " == *" $ADDRESS "* ]] || fail AddressNotOnMachine "$ADDRESS is not an address of the machine, which has: $(hostname -I)"
}

kernel() {
  step "Kernel settings"
  put 0644 /etc/modules-load.d/kubelab.conf <<<$'overlay\nbr_netfilter'
  local module
  for module in overlay br_netfilter; do
    [[ -d /sys/module/$module ]] || modprobe "$module" 2>/dev/null || [[ -n $CONTAINER ]] || warning "the kernel module $module could not be loaded"
  done
  put 0644 /etc/sysctl.d/90-kubelab.conf \
    <<<$'net.ipv4.ip_forward = 1\nnet.bridge.bridge-nf-call-iptables = 1\nnet.bridge.bridge-nf-call-ip6tables = 1'
  # A container can only change the settings of its own network namespace.
  if was_put; then sysctl -q -e -p /etc/sysctl.d/90-kubelab.conf 2>/dev/null || [[ -n $CONTAINER ]]; fi
}

no_swap() {
  # The swap of a container belongs to its host. There, the kubelet is configured to accept swap.
  [[ -z $CONTAINER && $(wc -l </proc/swaps) -gt 1 ]] || return 0
  swapoff -a
  sed -i 's/^[^#].*[[:space:]]swap[[:space:]].*/# by KubeLab: &/' /etc/fstab
  changed "turned swap off"
}

# An interrupted installation leaves packages partly installed.
repair() {
  local holder
  # If apt is killed, its dpkg continues for a while in its own session.
  while holder=$(pgrep -ox dpkg); do
    step "Waiting for dpkg (process $holder)"
    timeout 600 tail --pid="$holder" -f /dev/null
  done
  [[ -n $(dpkg --audit) ]] || return 0
  step "Completing an interrupted installation"
  local broken
  broken=$(dpkg-query -W -f '${db:Status-Eflag} ${Package}\n' | sed -n 's/^reinstreq //p')
  # shellcheck disable=SC2086 # one argument a package
  [[ -z $broken ]] || dpkg --remove --force-remove-reinstreq --force-depends $broken
  # Fails for packages with missing dependencies, which apt installs next.
  dpkg --configure -a --force-confold || true
  apt -o Dpkg::Options::=--force-confold --fix-broken install
  changed "completed an interrupted installation"
}

# An image that was prepared for this installation. The first installation on a machine that was created from it removes the record.
readonly PREPARED=/etc/kubelab/prepared

# is_current: whether the packages of a prepared image are those that would be installed now.
is_current() { [[ ! -e $PREPARED || $(<"$PREPARED") == "$RECIPE $(index)" ]]; }

# index: prints a digest of the repository's index, which changes with its packages. Prints nothing if the index cannot be read.
index() {
  local line uri suite name text
  line=$(source_line "$APT")
  line=${line#deb } line=${line#\[*\] }
  read -r uri suite _ <<<"$line"
  [[ $suite == */ ]] && uri=${uri%/}/${suite#/} || uri=${uri%/}/dists/$suite
  for name in InRelease Release; do
    text=$(curl -fsSL --connect-timeout 10 --max-time 30 "${uri%/}/$name" 2>/dev/null) || continue
    sha256sum <<<"$text" | cut -d' ' -f1
    return
  done
}

installed() {
  local one
  is_current || return 1
  for one in kubeadm kubelet kubectl; do
    [[ $(package "$one") =~ ^${EXACT:+${VERSION//./\\.}[.-]} && -n $(package "$one") ]] || return 1
  done
  command -v containerd >/dev/null
}

refuse_upgrade() {
  [[ ! -e /etc/kubernetes/kubelet.conf ]] ||
    fail VersionDiffers "it is already a node with Kubernetes $(package kubelet); use kubeadm upgrade to upgrade its cluster"
}

# Another mirror may have other images under the names of those in a prepared image.
remove_images() {
  local all
  [[ -e $PREPARED && -z $PREPARE ]] || return 0
  mapfile -t all < <(ctr -n k8s.io images ls -q)
  ((${#all[@]} == 0)) || ctr -n k8s.io images rm "${all[@]}"
}

os() { sed -n "s/^$1=//p" /etc/os-release; }
source_line() { local line=${1//\{id\}/$(os ID)} && echo "${line//\{codename\}/$(os VERSION_CODENAME)}"; }
keyring_of() { sed -n 's/.*signed-by=\([^] ]*\).*/\1/p' <<<"$1"; }

# repository LINE KEY LIST: adds an apt source and writes its key to the signed-by path.
repository() {
  local line keyring key
  line=$(source_line "$1") keyring=$(keyring_of "$line")
  step "Adding ${line##*] }"
  command -v curl >/dev/null || { update && apt install curl ca-certificates; }
  key=$(curl -fsSL --connect-timeout 15 --max-time 60 --retry 2 "${2//\{id\}/$(os ID)}" 2>&1) || {
    # Upstream has a repository for each minor version, so a missing repository means a missing version.
    [[ $key == *'returned error: 40'[34]* ]] && fail KubernetesVersionNotFound "Kubernetes $VERSION was not found in ${line##*] } (${key##*$'\n'})"
    fail MirrorUnreachable "$2: ${key##*$'\n'}"
  }
  [[ -z $keyring ]] || put 0644 "$keyring" <<<"$key"
  put 0644 "$3" <<<"$line"
}

choose_version() {
  local all
  all=$(apt-cache madison kubeadm | awk '{print $3}' | sort -Vu)
  # shellcheck disable=SC2154 # update sets update_output
  [[ -n $all ]] || fail MirrorUnreachable "kubeadm was not found in ${APT##*] }: $(grep -E '^(E|W|Err)' <<<"$update_output" | tail -1)"
  version=$(grep -E "^${VERSION//./\\.}([.-]|\$)" <<<"$all" | tail -1) ||
    fail KubernetesVersionNotFound "Kubernetes $VERSION was not found in ${APT##*] }; available: $(cut -d- -f1 <<<"$all" | sort -Vu | paste -sd' ')"
}

candidate() { apt-cache policy "$1" | sed -n 's/^ *Candidate: //p'; }

# Kubernetes 1.26 requires CRI v1 (containerd 1.6). Kubernetes 1.36 is the last version that supports containerd 1
# (kubernetes.io/blog, v1.35 release notes).
needed_runtime() {
  local minor=${version#*.}
  minor=${minor%%.*}
  ((minor < 37)) || { echo 2.0.0 && return; }
  ((minor < 26)) && echo 1.0.0 || echo 1.6.0
}

# is_enough VERSION: whether a version of containerd is new enough.
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
  fail ContainerdTooOld "Kubernetes ${version%-*} requires containerd $(needed_runtime) or later; the repositories of the machine have $(candidate containerd)"
}

hold() {
  [[ $(apt-mark showhold kubeadm kubelet kubectl | wc -l) == 3 ]] || apt-mark hold kubeadm kubelet kubectl >/dev/null
}

runtime_config() {
  local sandbox restart=false
  sandbox=$(kubeadm_images "$REPOSITORY" | grep '/pause:')
  [[ ! -e /etc/containerd/config.toml || -e /etc/containerd/config.toml.before-kubelab ]] ||
    cp -p /etc/containerd/config.toml /etc/containerd/config.toml.before-kubelab
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

# is_ours FOLDER: whether KubeLab wrote the folder. Older versions wrote no header; their registry is in mirror.yaml.
is_ours() {
  [[ $(head -1 "$1/hosts.toml" 2>/dev/null) == "$OURS" ]] ||
    [[ $(mirrored) == "${1##*/}" && $(sed -n '4{s/^  capabilities = .*/ours/p}' "$1/hosts.toml" 2>/dev/null) == ours ]]
}

mirrored() { sed -n 's|^imageRepository: \([^/]*\).*|\1|p' /etc/kubelab/mirror.yaml 2>/dev/null; }

# Removes the files of an earlier mirror. Keeps files from other sources, and keys that another source uses.
remove_old_mirror() {
  local folder
  for folder in "$CERTS"/*/; do
    folder=${folder%/}
    [[ -n $URL && ${folder##*/} == "${REPOSITORY%%/*}" ]] || ! is_ours "$folder" || {
      rm -f "$folder/hosts.toml" "$folder/ca.crt"
      rmdir "$folder" 2>/dev/null || true
      changed "removed the mirror of ${folder##*/}"
    }
  done
  remove_old_source kubernetes "$APT"
  remove_old_source containerd "$RUNTIME_APT"
}

unversioned() { sed -E 's/v[0-9]+(\.[0-9]+)*//g'; }

# remove_old_source NAME LINE: installed packages are kept. The new source is added when a package is installed from it.
remove_old_source() {
  local list=/etc/apt/sources.list.d/kubelab-$1.list line keyring
  [[ -e $list ]] || return 0
  line=$(<"$list") keyring=$(keyring_of "$line")
  # Ignore the version in the path of a mirror.
  [[ $(unversioned <<<"$line") != "$(source_line "$2" | unversioned)" ]] || return 0
  rm "$list"
  [[ -z $keyring ]] || grep -rqsF "$keyring" /etc/apt/sources.list /etc/apt/sources.list.d || rm -f "$keyring"
  changed "removed the package source ${line##*] }"
}

# The distribution's file may disable the CRI plugin, and the default does not set SystemdCgroup.
containerd_config() {
  local oom=false cri="plugins.'io.containerd.grpc.v1.cri'" schema=2 images
  # Without CAP_SYS_RESOURCE (bit 24), a container cannot have a lower OOM score than its parent.
  ((0x$(awk '/^CapBnd/ {print $2}' /proc/self/status) >> 24 & 1)) || oom=true
  # All releases of containerd 2 read schema 3. Release 2.3 converts it to a newer schema.
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
  # The same resolver path on every node. Pods cannot use a stub resolver on a loopback address.
  if [[ ! -e /etc/kubelab/resolv.conf ]]; then
    local resolver=/etc/resolv.conf
    [[ ! -e /run/systemd/resolve/resolv.conf ]] || resolver=/run/systemd/resolve/resolv.conf
    ln -sf "$resolver" /etc/kubelab/resolv.conf
  fi
  put 0644 /etc/kubelab/mirror.yaml <<<"# What this machine was installed from.
imageRepository: $REPOSITORY
podNetwork: $POD_NETWORK"
}
main </dev/null
