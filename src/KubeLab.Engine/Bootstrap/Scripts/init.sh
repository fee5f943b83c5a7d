# shellcheck shell=bash
# Initializes the control plane of a new cluster, or of a cluster that is restored from a backup.
# Parameters: CLUSTER, NAME (of the node), ADDRESS, ENDPOINT (of the control planes: HOST:PORT), ENDPOINT_HOST (to be resolved by this machine, or empty),
# POD_NETWORK, POD_SUBNET, CONFIG (of kubeadm, contains a token), SEEN (stamp of the node record when it was read), RESTORE (the folder with the snapshot of
# etcd and the certificate authorities, or empty).
main() {
  lock "kubeadm init"
  if completed_by_other_run control-plane; then
    [[ -z $RESTORE ]] || fail MachineInUse "another run has just created $CLUSTER"
    [[ $(marked podNetwork) == "$POD_NETWORK" ]] ||
      fail PodNetworkDiffers "another run has just created $CLUSTER with the pod network $(marked podNetwork)"
    fact podSubnet "$(marked podSubnet)"
    return
  fi
  reset_node
  record started
  private_config
  start_services
  pull_images
  [[ -z $RESTORE ]] || restore_etcd
  resolve_endpoint "$ENDPOINT_HOST" "$ADDRESS"
  step "kubeadm init"
  run_kubeadm init --config "$KUBEADM_CONFIG" --skip-token-print
  [[ -z $RESTORE ]] || complete_restore
  record "done"
  changed "initialized the control plane"
}

# kubeadm init uses existing certificate authorities, and etcd starts with its existing data.
restore_etcd() {
  local image tool output
  step "Restoring etcd"
  mkdir -p /etc/kubernetes/pki
  cp -r "$RESTORE/pki/." /etc/kubernetes/pki/
  image=$(kubeadm_images "$(image_repository)" | grep '/etcd:')
  # Since etcd 3.6, etcdctl cannot restore (etcd.io/docs/v3.6/op-guide/recovery).
  for tool in etcdutl etcdctl; do
    rm -rf "$RESTORE/etcd"
    if output=$(ctr -n k8s.io run --rm --mount "type=bind,src=$RESTORE,dst=/restore,options=rbind:rw" "$image" "kubelab-restore-$$-$tool" \
      "$tool" snapshot restore /restore/etcd.db --data-dir /restore/etcd --name "$NAME" --initial-advertise-peer-urls "https://$ADDRESS:2380" \
      --initial-cluster "$NAME=https://$ADDRESS:2380" --initial-cluster-token "$CLUSTER-$EPOCHSECONDS" 2>&1); then
      chmod 0700 "$RESTORE/etcd"
      [[ ! -e /var/lib/etcd ]] || rmdir /var/lib/etcd
      mv "$RESTORE/etcd" /var/lib/etcd
      changed "restored etcd"
      return
    fi
    printf '%s\n' "$output"
    [[ $output == *'executable file not found'* ]] || break
  done
  fail RestoreFailed "the snapshot of etcd could not be restored: ${output##*$'\n'}"
}

# The restored object has the address that the control planes had, and kubeadm does not change it.
complete_restore() {
  kubectl --kubeconfig /etc/kubernetes/admin.conf -n kube-public delete configmap cluster-info --ignore-not-found
  kubeadm init phase bootstrap-token --config "$KUBEADM_CONFIG" --skip-token-print
  # The objects of the pod network are in etcd.
  [[ $POD_NETWORK == HostRoutes ]] || put 0644 /etc/kubelab/network <<<"POD_SUBNET=$POD_SUBNET"
}

record() {
  mark cluster="$CLUSTER" role=control-plane state="$1" server="$ADDRESS" endpoint="$ENDPOINT" podNetwork="$POD_NETWORK" podSubnet="$POD_SUBNET"
}
main </dev/null
