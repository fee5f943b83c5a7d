# shellcheck shell=bash
# Removes a machine from its cluster, with everything that kubeadm reset leaves. Packages and images stay, and what the cluster did not create.
# Parameters: CLUSTER, FOREIGN (not empty: also if KubeLab did not create the node), LEAVE_ETCD (not empty: etcd has other members),
# POD_SUBNET (of the cluster, if it is known).
main() {
  lock "kubeadm reset"
  is_node || return 0
  begin
  leave_etcd
  remove_kubeconfigs
  remove_pods
  run_reset
  remove_routes
  remove_cni
  remove_ipvs
  remove_devices
  remove_rules
  remove_registry
  remove_files
  keep_volumes
  # Until now, another run would continue here.
  rm -f "$MARK"
  changed "removed the node from $CLUSTER"
}

is_node() {
  if [[ -e $MARK ]]; then
    [[ $(marked cluster) == "$CLUSTER" ]] || fail MachineInUse "it is a node of $(marked cluster)"
  else
    has_traces || return 1
    [[ -n $FOREIGN ]] || fail MachineInUse "it has a Kubernetes installation that KubeLab did not create (/etc/kubernetes is not empty)"
  fi
}

# Records everything that is needed to continue, before the files of the node are removed.
begin() {
  PODS=${POD_SUBNET:-$(marked podSubnet)}
  PODS=${PODS:-$(sed -n 's/^POD_SUBNET=//p' /etc/kubelab/network 2>/dev/null || true)}
  ROLE=$(marked role)
  ! has_etcd || ROLE=control-plane
  mark cluster="$CLUSTER" role="${ROLE:=worker}" state=removing server="$(marked server)" podNetwork="$(marked podNetwork)" \
    endpoint="$(marked endpoint)" podSubnet="$PODS" etcd="$(marked etcd)"
}

has_etcd() { [[ -e /etc/kubernetes/manifests/etcd.yaml ]]; }

# Before anything is removed, because the other members must agree. kubeadm only prints a warning if they do not, and removes the data anyway.
leave_etcd() {
  local output
  [[ -n $LEAVE_ETCD ]] && has_etcd && [[ $(marked etcd) != left ]] || return 0
  step "Leaving etcd"
  output=$(kubectl --kubeconfig /etc/kubernetes/admin.conf --request-timeout 15s get --raw /readyz 2>&1) ||
    fail EtcdNotLeft "its etcd member was not removed, because the API server is not ready: ${output##*$'\n'}"
  output=$(timeout 120 kubeadm reset phase remove-etcd-member --kubeconfig /etc/kubernetes/admin.conf 2>&1) ||
    fail EtcdNotLeft "its etcd member was not removed: ${output##*$'\n'}"
  printf '%s\n' "$output"
  case $output in
    *'member not found'* | *'no member id found'*) ;;
    *'Failed to remove etcd member'* | *'No kubeadm config'*)
      fail EtcdNotLeft "its etcd member was not removed: $(grep -E 'Failed to remove|No kubeadm config' <<<"$output" | tail -1)"
      ;;
  esac
  sed -i 's/^etcd=.*/etcd=left/' "$MARK"
  changed "left etcd"
}

# Removes the kubeconfig files of users if they contain only this cluster.
remove_kubeconfigs() {
  local ca home file
  ca=$(authority)
  [[ -n $ca ]] || return 0
  while IFS= read -r home; do
    file=$home/.kube/config
    grep -qsF "$ca" "$file" || continue
    if [[ $(grep -c 'server:' "$file") == $(grep -cF "$ca" "$file") ]]; then
      rm -f "$file"
      changed "removed $file"
    else
      warning "$file contains other clusters too, so the entry of $CLUSTER was not removed"
    fi
  done < <(getent passwd | cut -d: -f6 | sort -u)
}

authority() {
  if [[ -e /etc/kubernetes/pki/ca.crt ]]; then
    base64 -w0 /etc/kubernetes/pki/ca.crt
  else
    sed -n 's/.*certificate-authority-data: *//p' /etc/kubernetes/kubelet.conf 2>/dev/null || true
  fi
}

run_reset() {
  local output
  step "kubeadm reset"
  # With this file, kubeadm would wait for an API server that may be gone.
  rm -f /etc/kubernetes/admin.conf /etc/kubernetes/super-admin.conf
  # What kubeadm could not do is done below.
  if output=$(timeout 180 kubeadm reset --force --kubeconfig /etc/kubernetes/admin.conf --cri-socket "$CRI" \
    --skip-phases remove-etcd-member 2>&1); then
    printf '%s\n' "$output"
  else
    warning "kubeadm reset failed: ${output##*$'\n'}"
  fi
  rm -rf /etc/kubernetes/pki /etc/kubernetes/tmp
  rm -f /etc/kubernetes/*.conf
  rm -rf /etc/kubernetes/manifests/*
}

# Before kubeadm reset, which would try for minutes if the plugin of the pod network needs an API server that is gone.
remove_pods() {
  local id remaining
  step "Removing pods"
  systemctl stop kubelet || true
  systemctl is-active -q containerd || systemctl start containerd ||
    fail ServiceDown "containerd could not be started: $(journalctl -u containerd -n 1 --no-pager -o cat)"
  ! command -v crictl >/dev/null || timeout 90 crictl --runtime-endpoint "$CRI" --timeout 60s rmp --force --all || true
  if [[ -n $(containers) ]]; then
    while IFS= read -r id; do
      ctr -n k8s.io tasks rm --force "$id" || true
      ctr -n k8s.io containers rm "$id" || true
    done < <(containers)
    remaining=$(containers | paste -sd' ')
    [[ -z $remaining ]] || fail ResetFailed "these containers could not be removed: $remaining"
    # Its CRI plugin reads the list of containers when it starts.
    systemctl restart containerd
  fi
  for id in $(ip netns list | awk '/^cni-/ {print $1}'); do
    [[ -n $(ip netns pids "$id") ]] || ip netns delete "$id"
  done
  systemctl stop kubepods.slice 2>/dev/null || true
}

containers() { ctr -n k8s.io containers ls -q; }

remove_routes() {
  local subnet unit=/etc/systemd/system/kubelab-routes.service
  step "Removing the pod network"
  if [[ -e $unit ]]; then
    systemctl disable -q --now kubelab-routes || true
    rm -f "$unit" /usr/local/lib/kubelab/routes
    systemctl daemon-reload
  fi
  # Protocol 75 marks the routes of KubeLab.
  ip -4 route flush proto 75
  for subnet in ${PODS//,/ }; do
    flush "$([[ $subnet == *:* ]] && echo -6 || echo -4)" "$subnet"
  done
}

# flush FAMILY SUBNET: removes all routes into the subnet, and its addresses on the device of the ipip module, which cannot be deleted.
flush() {
  local kind
  for kind in unicast blackhole; do
    ip "$1" route flush root "$2" type "$kind" || true
  done
  has_device tunl0 || return 0
  ip "$1" address flush dev tunl0 to "$2"
  [[ -n $(ip -o address show dev tunl0 scope global) ]] || ip link set tunl0 down
}

has_device() { ip link show "$1" &>/dev/null; }

# Other programs have files in the same folder: those that a package owns, and the networks of nerdctl.
remove_cni() {
  local file
  for file in /etc/cni/net.d/*; do
    [[ -e $file && $file != */nerdctl-* ]] || continue
    ! dpkg-query -S "$file" &>/dev/null || continue
    rm -rf "$file"
    changed "removed $file"
  done
  has_other_networks || rm -rf /var/lib/cni
  rm -rf /var/lib/calico /run/calico /run/flannel
}

has_other_networks() { compgen -G '/etc/cni/net.d/*' >/dev/null; }

# The services of kube-proxy have the addresses of its device kube-ipvs0, or are NodePorts.
remove_ipvs() {
  local addresses kind service address
  has_device kube-ipvs0 || return 0
  if ! command -v ipvsadm >/dev/null; then
    warning "the IPVS services of kube-proxy stay until the machine is restarted, because ipvsadm is not installed"
    return 0
  fi
  addresses=" $(ip -o address show dev kube-ipvs0 | awk '{split($4, a, "/"); printf "%s ", a[1]}')"
  while read -r _ kind service _; do
    address=${service%:*} address=${address#[} address=${address%]}
    [[ $addresses == *" $address "* ]] || ((${service##*:} >= 30000 && ${service##*:} <= 32767)) || continue
    ipvsadm --delete-service "$kind" "$service"
  done < <(ipvsadm --save -n | grep '^-A')
}

remove_devices() {
  local device
  for device in $(ip -o link show | awk -F': ' '{sub("@.*", "", $2); print $2}'); do
    case $device in
      cni0 | flannel.* | flannel-v6.* | cali* | vxlan.calico | vxlan-v6.calico | wireguard.cali | wg-v6.cali | kube-ipvs0 | nodelocaldns | cilium_*)
        ip link delete "$device" 2>/dev/null || ! has_device "$device" || fail ResetFailed "the network device $device could not be deleted"
        changed "deleted the network device $device"
        ;;
    esac
  done
}

# The rules of kube-proxy, the kubelet and the pod network. All other rules stay.
remove_rules() {
  local tool table name sets
  for tool in iptables-nft ip6tables-nft iptables-legacy ip6tables-legacy; do
    ! command -v "$tool-save" >/dev/null || remove_iptables "$tool"
  done
  if command -v nft >/dev/null; then
    while read -r _ table name; do
      nft delete table "$table" "$name"
      changed "deleted the nftables table $name"
    done < <(nft list tables 2>/dev/null | grep -E '^table (ip|ip6|inet) (kube-proxy|calico)$')
  fi
  if command -v ipset >/dev/null; then
    sets=$(ipset list -n | grep -E '^(KUBE-|cali[46])' || true)
    for name in $sets; do ipset destroy "$name"; done
  fi
}

# remove_iptables TOOL: all changes of a table are made at once. A rule that another program removes meanwhile fails them, so they are tried again.
remove_iptables() {
  local changes attempt output=''
  for attempt in 1 2 3 4 5; do
    changes=$("$1-save" 2>/dev/null | cluster_rules)
    [[ -n $changes ]] || break
    ((attempt < 5)) || fail ResetFailed "the rules of the pod network could not be removed with $1: ${output##*$'\n'}"
    output=$("$1-restore" --noflush -w 10 <<<"$changes" 2>&1) || continue
    changed "removed the rules of the pod network with $1"
  done
}

# cluster_rules: reads the output of iptables-save, and prints the changes for iptables-restore that remove the rules of the cluster.
cluster_rules() {
  local chains='^(KUBE-|cali-|FLANNEL-|CILIUM_|OLD_CILIUM_'
  has_other_networks || chains+='|CNI-'
  awk -v chains="$chains)" -v subnets="${PODS//,/ }" '
    BEGIN {
      split(subnets, all, " ")
      for (i in all) {
        own["POSTROUTING -s " all[i] " ! -d " all[i] " -j MASQUERADE"]
        own["FORWARD -s " all[i] " -j ACCEPT"]
        own["FORWARD -d " all[i] " -j ACCEPT"]
      }
    }
    /^\*/ { table = $0; deleted = flushed = removed = "" }
    /^:/ && substr($1, 2) ~ chains { flushed = flushed "-F " substr($1, 2) "\n"; removed = removed "-X " substr($1, 2) "\n" }
    /^-A / && $2 !~ chains {
      rule = substr($0, 4)
      jump = match(rule, / -[jg] [^ ]+/) ? substr(rule, RSTART + 4, RLENGTH - 4) : ""
      if (jump ~ chains || rule ~ /--comment "?(cali:|flanneld )/ || rule in own) deleted = deleted "-D " rule "\n"
    }
    /^COMMIT/ && deleted flushed { printf "%s\n%s%s%sCOMMIT\n", table, deleted, flushed, removed }'
}

# The images in the registry stay on the disk.
remove_registry() {
  local folder name
  if [[ -e /etc/systemd/system/kubelab-registry.service ]]; then
    systemctl disable -q --now kubelab-registry
    rm -rf /etc/systemd/system/kubelab-registry.service /etc/kubelab/registry
    systemctl daemon-reload
    changed "removed the registry"
  fi
  for folder in /etc/containerd/certs.d/*/; do
    folder=${folder%/} name=${folder##*/}
    # This is how KubeLab makes containerd trust the registry of a cluster.
    [[ $(cat "$folder/hosts.toml" 2>/dev/null) == "server = \"https://$name\"

[host.\"https://$name\"]
  capabilities = [\"pull\", \"resolve\"]
  ca = \"$folder/ca.crt\"" ]] || continue
    rm -f "$folder/hosts.toml" "$folder/ca.crt"
    rmdir "$folder" 2>/dev/null || true
    changed "removed the trust in the registry $name"
  done
}

remove_files() {
  local mounted
  while IFS= read -r mounted; do
    umount "$mounted" || umount -l "$mounted"
  done < <(awk '$2 ~ /^\/var\/lib\/kubelet\// {print $2}' /proc/mounts | sort -r)
  rm -rf /var/lib/kubelet/* /var/log/pods/* /var/log/containers/*
  [[ $ROLE != control-plane ]] || rm -rf /var/lib/etcd
  rm -f /etc/kubelab/network /etc/kubelab/routes
  forget_endpoint
}

# Data is never deleted. A new cluster must not find it, because it may have a volume of the same name.
keep_volumes() {
  local folder=/var/lib/kubelab/volumes kept
  compgen -G "$folder/*" >/dev/null || return 0
  kept=$folder-${CLUSTER//[^a-zA-Z0-9.-]/-}-$(date +%Y%m%dT%H%M%S)
  mv "$folder" "$kept"
  warning "the data of its volumes was kept in $kept"
}
main </dev/null
