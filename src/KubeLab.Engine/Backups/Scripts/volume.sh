# shellcheck shell=bash
# volume.sh NAMESPACE CLAIM: reads the data of a volume from standard input as a tar archive.
set -euo pipefail
root=/var/lib/kubelab
target=$root/volumes/$1/$2
new=$root/volumes/$1/.$2.restoring
rm -rf "$new"
mkdir -p "$new"
tar --numeric-owner -C "$new" -xpf -
# Data is never deleted.
if [[ -e $target ]]; then
  kept=$root/volumes-before-restore-$(date +%Y%m%dT%H%M%S)/$1
  mkdir -p "$kept"
  mv "$target" "$kept/"
  echo "$kept/$2"
fi
mv "$new" "$target"
