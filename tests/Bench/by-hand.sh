#!/usr/bin/env bash
# by-hand.sh up|down: what examples/mediawiki.ps1 does, typed by somebody who knows the commands and a parallel shell.
# The remote commands are the module's own (src/KubeLab.Engine/*/Scripts), the machines equal to its machines.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
nodes=(byhand-1 byhand-2 byhand-3 byhand-4)
engine=src/KubeLab.Engine
folder=${TMPDIR:-/tmp}/kubelab-by-hand
port=5000

down() {
  docker rm -fv "${nodes[@]}" >/dev/null 2>&1 || true
  [[ ! -d $folder ]] || rm -rf "/etc/docker/certs.d/$(cat "$folder/registry" 2>/dev/null || echo none)" "$folder"
}

# at NODE [NAME VALUE]... SCRIPT: one of the module's scripts, with its parameters ahead of it on standard input.
at() {
  local node=$1
  shift
  {
    while (($# > 1)); do
      printf '%s=%q\n' "$1" "$2"
      shift 2
    done
    cat $engine/Remote/Scripts/{lib,runtime}.sh "$1"
  } | on "$node" bash -s >>"$folder/$node.log" 2>&1 || { tail "$folder/$node.log" >&2; return 1; }
}

on() { ssh -F none -i "$folder/key" -o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null -o LogLevel=ERROR -o ControlMaster=auto -o ControlPath="$folder/%h" -o ControlPersist=600 "root@${address[$1]}" "${@:2}"; }

# each COMMAND: once for every node, all at once; fails if one fails.
each() {
  local node pids=()
  for node in "${chosen[@]}"; do "$@" "$node" & pids+=($!); done
  for pid in "${pids[@]}"; do wait "$pid"; done
}

field() { sed -n "s/^ *$1: *//p" "$folder/mirror.yaml"; }

declare -A address
place() {
  local subnet i
  subnet=$(docker network inspect -f '{{(index .IPAM.Config 0).Subnet}}' kubelab)
  for i in "${!nodes[@]}"; do address[${nodes[i]}]=${subnet%.0.0/*}.200.$((i + 1)); done
}

machine() {
  local allowed=(--privileged)
  [[ $profile == privileged ]] || allowed=(--cap-add ALL --cap-drop SYS_RESOURCE --security-opt seccomp=unconfined --security-opt apparmor=unconfined
    --security-opt systempaths=unconfined --device /dev/fuse --device /dev/kmsg --device-cgroup-rule "a *:* rwm")
  docker run -d --name "$1" --hostname "$1" --network kubelab --ip "${address[$1]}" --cgroupns private \
    --tmpfs /run:exec,mode=755 --tmpfs /tmp:exec --volume /var "${allowed[@]}" "$image" >/dev/null
  until docker exec "$1" test -S /run/dbus/system_bus_socket 2>/dev/null; do sleep 0.1; done
  docker exec -i "$1" sh -c 'umask 077; mkdir -p /root/.ssh; cat > /root/.ssh/authorized_keys' <"$folder/key.pub"
  until on "$1" true 2>/dev/null; do sleep 0.1; done
}

install_node() {
  at "$1" VERSION "$(field version)" EXACT '' APT "$(field apt)" KEY "$(field key)" RUNTIME_APT '' RUNTIME_KEY '' \
    REPOSITORY "$(field repository)" URL "$(field url)" CA '' POD_NETWORK HostRoutes ADDRESS "${address[$1]}" NOW "$(date +%s)" CONTAINER 1 \
    $engine/Bootstrap/Scripts/install.sh
}

node_registration="nodeRegistration:
  criSocket: unix:///run/containerd/containerd.sock
  ignorePreflightErrors: [SystemVerification, Mem, NumCPU, Swap, FileContent--proc-sys-net-bridge-bridge-nf-call-iptables]"

init() {
  at "$first" CLUSTER byhand ADDRESS "${address[$first]}" POD_NETWORK HostRoutes POD_SUBNET 10.244.0.0/16 CONFIG "apiVersion: kubeadm.k8s.io/v1beta2
kind: InitConfiguration
$node_registration
---
apiVersion: kubeadm.k8s.io/v1beta2
kind: ClusterConfiguration
kubernetesVersion: v$(field version)
imageRepository: $(field repository)
networking: {podSubnet: 10.244.0.0/16}
---
apiVersion: kubelet.config.k8s.io/v1beta1
kind: KubeletConfiguration
cgroupDriver: systemd
resolvConf: /etc/kubelab/resolv.conf
---
apiVersion: kubeproxy.config.k8s.io/v1alpha1
kind: KubeProxyConfiguration
conntrack: {maxPerCore: 0, min: 0}" $engine/Bootstrap/Scripts/init.sh
}

join() {
  at "$1" CLUSTER byhand SERVER "${address[$first]}" CONFIG "apiVersion: kubeadm.k8s.io/v1beta2
kind: JoinConfiguration
discovery:
  bootstrapToken: {apiServerEndpoint: '${address[$first]}:6443', token: $token, caCertHashes: ['sha256:$hash']}
$node_registration" $engine/Bootstrap/Scripts/join.sh
}

network() {
  local routes
  routes=$(awk -v me="$1" '$1 != me {print $2, $3}' "$folder/nodes")
  at "$1" ADDRESS "${address[$1]}" POD_CIDR "$(awk -v me="$1" '$1 == me {print $2}' "$folder/nodes")" POD_SUBNET 10.244.0.0/16 ROUTES "$routes" \
    PROGRAM "$(cat $engine/Bootstrap/Scripts/routes.sh)" $engine/Bootstrap/Scripts/network.sh
}

kubectl() { on "$first" kubectl --kubeconfig /etc/kubernetes/admin.conf "$@"; }
names() { kubectl get nodes -o "jsonpath='{range .items[*]}{.metadata.name} {.spec.podCIDR} {.status.addresses[0].address}{\"\\n\"}{end}'"; }
numbered() { names >"$folder/nodes" && [[ $(awk 'NF == 3' "$folder/nodes" | wc -l) == 4 ]]; }
trust() { at "$1" REGISTRY "$registry" CA "$(cat "$folder/ca.crt")" $engine/Images/Scripts/trust.sh; }
ready() { kubectl wait --for=condition=Ready nodes --all --timeout=300s >/dev/null; }

# shellcheck disable=SC2016 # the dollars are bcrypt's
make_registry() {
  local password
  password=$(openssl rand -hex 16)
  openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 30 -subj /CN=byhand -addext "subjectAltName=IP:${address[$first]}" \
    -keyout "$folder/tls.key" -out "$folder/ca.crt" 2>/dev/null
  at "$first" LISTEN "$registry" CERTIFICATE "$(cat "$folder/ca.crt")" KEY "$(cat "$folder/tls.key")" \
    HTPASSWD "$(python3 -W ignore -c 'import crypt,sys; p=sys.stdin.read().rstrip(); print("kubelab:" + crypt.crypt(p, crypt.mksalt(crypt.METHOD_BLOWFISH, rounds=1024)))' <<<"$password" | sed 's/\$2b\$/$2y$/')" \
    $engine/Images/Scripts/registry.sh
  mkdir -p "/etc/docker/certs.d/$registry"
  cp "$folder/ca.crt" "/etc/docker/certs.d/$registry/ca.crt"
  docker --config "$folder/docker" login -u kubelab --password-stdin "$registry" <<<"$password" >/dev/null 2>&1
}

publish() {
  docker build -q -t "$registry/$1:bench" "examples/mediawiki/$1" >/dev/null 2>&1
  docker --config "$folder/docker" push -q "$registry/$1:bench" >/dev/null
}

deploy() {
  sed -e "s|REGISTRY|$registry|; s|GENERATED|$(openssl rand -hex 16)|g; s|AUTH|$(base64 -w0 "$folder/docker/config.json")|" tests/Bench/by-hand.yaml | kubectl apply -f - >/dev/null
  kubectl rollout status deployment/database --timeout=300s >/dev/null
  kubectl rollout status deployment/web --timeout=300s >/dev/null
}

up() {
  install -d -m 0700 "$folder"
  ssh-keygen -q -t ed25519 -N '' -f "$folder/key"
  curl -fsS "$KUBELAB_MIRROR" | sed 's/ *#.*//' >"$folder/mirror.yaml"
  image=$(docker image ls -q --filter label=org.kubelab=node-image | head -1)
  profile=capabilities
  ! docker run --rm --privileged --network none --entrypoint true "$image" 2>/dev/null || profile=privileged
  first=${nodes[0]} chosen=("${nodes[@]}")
  place
  registry=${address[$first]}:$port
  echo "$registry" >"$folder/registry"

  each machine
  each install_node
  init
  # shellcheck disable=SC2016 # expanded over there
  read -r token hash < <(on "$first" 'echo $(kubeadm token create --ttl 15m) $(openssl x509 -in /etc/kubernetes/pki/ca.crt -pubkey -noout | openssl pkey -pubin -outform der | sha256sum | cut -d" " -f1)')
  chosen=("${nodes[@]:1}")
  each join
  chosen=("${nodes[@]}")
  until numbered; do sleep 0.3; done
  each network
  ready
  make_registry
  each trust
  chosen=(database web)
  each publish
  deploy
}

"${1:?up or down}"
