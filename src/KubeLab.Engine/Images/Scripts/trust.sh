# shellcheck shell=bash
# Makes containerd trust a registry. containerd reads these files at each pull, so no restart is needed.
# Parameters: REGISTRY (host:port), CA (PEM).
main() {
  local folder="/etc/containerd/certs.d/$REGISTRY"
  put 0644 "$folder/ca.crt" <<<"$CA"
  put 0644 "$folder/hosts.toml" <<<"server = \"https://$REGISTRY\"

[host.\"https://$REGISTRY\"]
  capabilities = [\"pull\", \"resolve\"]
  ca = \"$folder/ca.crt\""
  grep -qs 'config_path.*/etc/containerd/certs.d' /etc/containerd/config.toml /etc/containerd/conf.d/*.toml ||
    warning "containerd does not use /etc/containerd/certs.d; install Kubernetes on the machine again"
}
main </dev/null
