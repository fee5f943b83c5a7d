# shellcheck shell=bash
# Renews the certificates of kubeadm on a control plane, and restarts the static pods, which have read the old ones. Reports the new admin.conf.
readonly PKI=/etc/kubernetes/pki MANIFESTS=/etc/kubernetes/manifests
# The kubelet waits up to five minutes before it starts a container again that has failed several times.
readonly LIMIT=360 GRACE=60

main() {
  local component
  lock "Renewing certificates"
  [[ -e $MANIFESTS/kube-apiserver.yaml ]] || fail ControlPlaneExpected "it is not a control plane"
  renew
  start_services
  # The API server needs etcd, and the others need the API server.
  for component in etcd kube-apiserver kube-controller-manager kube-scheduler; do
    [[ ! -e $MANIFESTS/$component.yaml ]] || restart "$component"
  done
  fact admin "$(base64 -w0 /etc/kubernetes/admin.conf)"
}

renew() {
  local before after output renewed kept certs=(certs)
  step "kubeadm certs renew all"
  # Up to Kubernetes 1.19, this was an alpha command.
  (($(kubeadm version -o short | cut -d. -f2) >= 20)) || certs=(alpha certs)
  before=$(digests)
  output=$(timeout 300 kubeadm "${certs[@]}" renew all 2>&1) || fail CertificateRenewalFailed "kubeadm could not renew its certificates: ${output##*$'\n'}"
  printf '%s\n' "$output"
  after=$(digests)
  renewed=$(comm -13 <(sort <<<"$before") <(sort <<<"$after") | sed 's/^[0-9a-f]*  //')
  kept=$(comm -12 <(sort <<<"$before") <(sort <<<"$after") | sed 's/^[0-9a-f]*  //' | paste -sd' ')
  # kubeadm exits with 0 if the key of an authority is not on the machine.
  [[ -n $renewed ]] || fail CertificateRenewalFailed "kubeadm renewed none of its certificates: ${output##*$'\n'}"
  [[ -z $kept ]] || warning "kubeadm did not renew $kept$(grep -i external <<<"$output" | head -1 | sed 's/^/: /' || true)"
  changed "renewed $(wc -l <<<"$renewed") certificates"
  fact renewed "$(paste -sd' ' <<<"$renewed")"
}

# digests: prints the digest and the name of each file whose certificate kubeadm renews.
digests() {
  local name
  for name in pki/{apiserver,apiserver-etcd-client,apiserver-kubelet-client,front-proxy-client,etcd/server,etcd/peer,etcd/healthcheck-client}.crt \
    {admin,super-admin,controller-manager,scheduler}.conf; do
    [[ ! -e /etc/kubernetes/$name ]] || sha256sum "/etc/kubernetes/$name"
  done
}

# restart COMPONENT: ends its container, which the kubelet starts again, and waits until the new one is ready.
restart() {
  local old now began=$SECONDS problem="its container has not started again"
  step "Restarting $1"
  old=$(container_of "$1")
  if [[ -n $old ]]; then
    end "$old" SIGTERM
  else
    # A component that failed, as with an expired certificate, would start after a while only.
    systemctl restart kubelet
  fi
  while true; do
    now=$(container_of "$1")
    if [[ -n $now && $now != "$old" ]]; then
      problem=$(problem_of "$1" "$now")
      [[ -n $problem ]] || break
    elif [[ -n $now ]] && ((SECONDS - began > GRACE)); then
      end "$now" SIGKILL
    fi
    ((SECONDS - began < LIMIT)) ||
      fail CertificateRenewalFailed "the certificates were renewed, but $1 is not ready $LIMIT s after its restart: $problem"
    sleep 0.5
  done
  changed "restarted $1"
}

# container_of COMPONENT: prints its running container, or nothing.
container_of() {
  local labels="labels.\"io.kubernetes.container.name\"==$1,labels.\"io.kubernetes.pod.namespace\"==kube-system"
  ctr -n k8s.io tasks ls | awk '$3 == "RUNNING" {print $1}' | grep -xFf <(ctr -n k8s.io containers ls -q "$labels") | head -1 || true
}

# end CONTAINER SIGNAL. It may have ended by itself.
end() { ctr -n k8s.io tasks kill --signal "$2" "$1" || true; }

# problem_of COMPONENT CONTAINER: prints why a new container is not ready, or nothing.
problem_of() {
  local output
  case $1 in
    etcd)
      output=$(ETCD=$2 etcd endpoint health 2>&1) || { echo "${output##*$'\n'}"; return 0; }
      check_served 127.0.0.1:2379 etcd/server.crt
      ;;
    kube-apiserver)
      output=$(kubectl --kubeconfig /etc/kubernetes/admin.conf --server "https://$(api_address)" --request-timeout 10s get --raw /readyz 2>&1) ||
        { echo "${output##*$'\n'}"; return 0; }
      check_served "$(api_address)" apiserver.crt
      ;;
  esac
}

# The address of the API server of this machine. The one in admin.conf can be that of a load balancer.
api_address() {
  local host port
  host=$(sed -n 's/.*--advertise-address=//p' "$MANIFESTS/kube-apiserver.yaml") port=$(sed -n 's/.*--secure-port=//p' "$MANIFESTS/kube-apiserver.yaml")
  [[ $host != *:* ]] || host="[$host]"
  echo "$host:${port:-6443}"
}

# check_served ADDRESS FILE: prints a problem if a server does not present the certificate in the file. A restarted server has read the new file, so
# this is not needed where openssl is missing.
check_served() {
  command -v openssl >/dev/null || return 0
  [[ $(timeout 10 openssl s_client -connect "$1" </dev/null 2>/dev/null | fingerprint) == "$(fingerprint <"$PKI/$2")" ]] ||
    echo "it does not present the certificate in $PKI/$2"
}

fingerprint() { openssl x509 -noout -fingerprint -sha256 2>/dev/null || true; }
main </dev/null
