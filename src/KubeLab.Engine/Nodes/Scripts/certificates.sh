# shellcheck shell=bash
# Reports the certificates of a node: those of kubeadm and the kubelet, of the registry and of the registries that containerd trusts. Changes nothing.
# Only certificates leave the machine, because some of the files also contain a key.
readonly MAX_CERTIFICATES=500 MAX_BYTES=262144 MAX_DATA=60000

main() {
  local file
  count=0
  shopt -s nullglob globstar
  fact cluster "$(marked cluster)"
  for file in /etc/kubernetes/pki/**/*.crt /etc/kubernetes/{admin,super-admin,controller-manager,scheduler}.conf \
    /var/lib/kubelet/pki/{kubelet-client-current.pem,kubelet-server-current.pem,kubelet.crt} \
    /etc/kubelab/registry/tls.crt /etc/containerd/certs.d/*/ca.crt; do
    [[ -f $file ]] || continue
    # The user of such a file is in another file, or has a token.
    [[ $file != *.conf ]] || grep -qs '^ *client-certificate-data:' "$file" || continue
    report "$file"
  done
}

# report FILE: reports each certificate in the file, and "-" for one that is incomplete.
report() {
  local data
  while IFS= read -r data; do
    ((++count <= MAX_CERTIFICATES)) || return 0
    fact "$count" "$data ${1//[[:cntrl:]]/?}"
  done < <(content "$1" | certificates)
}

content() {
  case $1 in
    *.conf) sed -n '/^ *client-certificate-data:/{s///;s/[^A-Za-z0-9+\/=]//g;p;q}' "$1" | base64 -d 2>/dev/null || true ;;
    *) head -c "$MAX_BYTES" -- "$1" ;;
  esac
}

# certificates: reads a file in PEM format and prints the Base64 data of each certificate on a line. Prints nothing else of the file.
certificates() {
  awk -v max="$MAX_DATA" '
    function end(data) { print (data == "" || length(data) > max ? "-" : data); printed = 1; inside = 0 }
    /^-----BEGIN CERTIFICATE-----/ { if (inside) end(""); inside = 1; text = ""; next }
    /^-----END CERTIFICATE-----/ { if (inside) end(text); next }
    /^-----/ { if (inside) end(""); next }
    inside { gsub(/[^A-Za-z0-9+\/=]/, ""); text = text $0 }
    END { if (inside || !printed) end("") }'
}
main </dev/null
