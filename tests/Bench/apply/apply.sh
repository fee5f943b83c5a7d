#!/usr/bin/env bash
# Applies 500 ConfigMaps from one file, by kubectl and by Publish-KlManifest, on the cluster that KUBECONFIG names, and prints the wall times.
# Each runs in a namespace of its own, which goes afterwards. Both are timed with the start of their process.
set -euo pipefail
cd "$(dirname "$0")/../../.."
count=${1:-500}
work=$(mktemp -d)
trap 'kubectl delete namespace bench-kubectl bench-kubelab --ignore-not-found --wait=false >/dev/null; rm -rf "$work"' EXIT

for ((i = 0; i < count; i++)); do
  printf -- '---\napiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: map-%d\ndata:\n  key: "%d"\n' "$i" "$i"
done >"$work/maps.yaml"
kubectl create namespace bench-kubectl >/dev/null
kubectl create namespace bench-kubelab >/dev/null

seconds() {
  local begin
  begin=$(date +%s.%N)
  "$@" >"$work/out" 2>&1 || { cat "$work/out" >&2; return 1; }
  echo "$(date +%s.%N) $begin" | awk '{ printf "%.1f\n", $1 - $2 }'
}
shell() {
  if command -v pwsh >/dev/null; then
    pwsh -NoProfile -Command "$1"
  else
    dotnet run --project tests/KubeLab.Host -v q --no-build -- -Command "$1"
  fi
}

theirs=$(seconds kubectl apply --server-side -n bench-kubectl -f "$work/maps.yaml")
ours=$(seconds shell "\$ErrorActionPreference = 'Stop'; Import-Module ./KubeLab.psd1; Publish-KlManifest '$work/maps.yaml' -Namespace bench-kubelab")
echo "kubectl apply --server-side: $theirs s for $(kubectl get configmaps -n bench-kubectl -o name | grep -c /map-) ConfigMaps"
echo "Publish-KlManifest:          $ours s for $(kubectl get configmaps -n bench-kubelab -o name | grep -c /map-) ConfigMaps"
