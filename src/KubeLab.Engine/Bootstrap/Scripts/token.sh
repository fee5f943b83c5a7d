# shellcheck shell=bash
# Creates a join token that is valid for 15 minutes, and reads the CA certificate, which joining nodes verify.
main() {
  fact token "$(kubeadm token create --ttl 15m --kubeconfig /etc/kubernetes/admin.conf)"
  fact ca "$(base64 -w0 /etc/kubernetes/pki/ca.crt)"
}
main </dev/null
