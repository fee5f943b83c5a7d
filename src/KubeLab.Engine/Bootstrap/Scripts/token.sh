# shellcheck shell=bash
# Creates a join token that is valid for 15 minutes, and reads the CA certificate, which joining nodes verify.
main() {
  local token
  export KUBECONFIG=/etc/kubernetes/admin.conf
  token=$(kubeadm token create --ttl 15m)
  wait_for_signature "${token%%.*}"
  fact token "$token"
  fact ca "$(base64 -w0 /etc/kubernetes/pki/ca.crt)"
}

# The control plane signs cluster-info with each token (kubernetes.io/docs/reference/access-authn-authz/bootstrap-tokens). A kubeadm join that comes before
# tries again after 5 seconds.
wait_for_signature() {
  local end=$((SECONDS + 15))
  until ((SECONDS > end)) || [[ -n $(kubectl get configmap cluster-info -n kube-public -o "jsonpath={.data.jws-kubeconfig-$1}") ]]; do
    sleep 0.1
  done
}
main </dev/null
