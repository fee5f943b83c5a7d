#!/usr/bin/env bash
# apt-repository.sh DIRECTORY BIN: fills DIRECTORY/apt with a flat signed repository: packages/ with the programs of BIN,
# laid out as pkgs.k8s.io does.
set -euo pipefail
out=$1 bin=$2
# shellcheck source=base.sh
. "$(dirname "$0")/base.sh"

install apt-utils gpg gpg-agent
work=$out/work
mkdir "$work" "$out/apt"
cp -r "$LAB/packages/." "$work"
add() { /usr/bin/install -D -t "$work/$1" "${@:2}"; }
add kubelet/usr/bin "$bin/kubelet"
add kubeadm/usr/bin "$bin/kubeadm"
add kubectl/usr/bin "$bin/kubectl"
add cri-tools/usr/bin "$bin/crictl"
unpack "$work/plugins" containernetworking-plugins
add kubernetes-cni/opt/cni/bin "$work"/plugins/usr/lib/cni/*
rm -r "$work/plugins"
chmod -R go+rX-w "$work"
for package in "$work"/*; do
    # Fast to unpack counts for more than small: every node unpacks them, over a local network.
    dpkg-deb --root-owner-group -Zzstd -z3 --build "$package" "$out/apt" >/dev/null
done
rm -r "$work"

cd "$out/apt"
apt-ftparchive packages . >Packages
gzip -k Packages
apt-ftparchive -o APT::FTPArchive::Release::Origin=KubeLab -o APT::FTPArchive::Release::Label=KubeLab release . >Release.new
mv Release.new Release

# The key stays when the packages change, so machines that trust it need not be told again.
keys=$CACHE/signing
gpg=(gpg --homedir "$keys" --batch --quiet --yes)
if [[ ! -f $keys/complete ]]; then
    rm -rf "$keys"
    mkdir -m 700 "$keys"
    "${gpg[@]}" --passphrase '' --quick-generate-key 'KubeLab mirror <kubelab@localhost>' ed25519 sign never
    touch "$keys/complete"
fi
"${gpg[@]}" --clearsign -o InRelease Release
"${gpg[@]}" --armor --detach-sign -o Release.gpg Release
"${gpg[@]}" --armor --export -o Release.key
gpgconf --homedir "$keys" --kill gpg-agent
say 'apt repository made'
