# shellcheck shell=bash
# Makes the machine on which install.sh has run before the template of an image: it has the images that nodes need, and nothing on it
# identifies a machine or belongs to one.
main() {
  [[ $(<"$PREPARED") =~ ^$RECIPE\ [0-9a-f]{64}$ ]] || fail MirrorUnreachable "the index of ${APT##*] } could not be read"
  ! can_share || pull_images
  systemctl stop containerd ssh
  share_images
  apt-get clean
  rm -rf /var/lib/apt/lists/* /var/lib/dbus/machine-id /var/lib/systemd/random-seed /var/tmp/*
  rm -f /etc/ssh/ssh_host_* /etc/kubelab/resolv.conf /etc/kubelab/prepare \
    /etc/systemd/system/kubelab-prepare.service /etc/systemd/system/*.wants/kubelab-prepare.service
  journalctl --relinquish-var # What follows is logged to memory only.
  rm -rf /var/log/journal/*
  find /var/log -type f -exec truncate -s 0 {} +
  truncate -s 0 /etc/machine-id
}

# containerd's folder, which is a volume here, and the folder of the machine image for its largest parts.
readonly ROOT=/var/lib/containerd SHARED=/usr/lib/kubelab/containerd
readonly CONTENT=io.containerd.content.v1.content/blobs/sha256 SNAPSHOTTER=io.containerd.snapshotter.v1.overlayfs

# can_share: whether layers in the machine image can be layers of containers. The kernel limits how deep overlay file systems are stacked.
can_share() { mount -t overlay overlay -o lowerdir=/usr:/etc /mnt 2>/dev/null && umount /mnt; }

# Nodes pull what is missing.
pull_images() {
  local image before new
  ! command -v crictl >/dev/null || for image in $(kubeadm_images "$REPOSITORY") $(network_images); do
    before=$(layers)
    crictl pull "$image" || continue
    mapfile -t new < <(layers | grep -vxF -e "$before")
    [[ ${#new[@]} == 0 || -z $(hiding_marks "${new[@]}") ]] || remove_image "$image"
  done
}

network_images() {
  [[ -z $MANIFEST ]] || curl -fsSL --connect-timeout 15 --max-time 60 --retry 2 "$MANIFEST" |
    sed -nE "s/^[ -]*image: *[\"']?([a-z0-9][^\"' ]*).*/\1/p" | sort -u
}

layers() { find "$ROOT/$SNAPSHOTTER/snapshots" -mindepth 1 -maxdepth 1 2>/dev/null || true; }

# hiding_marks LAYER...: prints the marks of layers that hide files of the layers below them. The engine does not keep these marks in an image.
hiding_marks() {
  {
    find "$@" -type c -exec stat -c %t:%T {} +
    find "$@" -type d -print0 | tar -c -P --null --no-recursion --xattrs --xattrs-include='trusted.overlay.*' -T -
  } | grep -aoE '^0:0$|trusted\.overlay\.(opaque|redirect)' || true
}

remove_image() {
  local digest all
  digest=$(ctr -n k8s.io images ls "name==$1" | awk 'NR == 2 {print $3}')
  mapfile -t all < <(ctr -n k8s.io images ls -q "target.digest==$digest")
  ctr -n k8s.io images rm --sync "${all[@]}"
}

# Each machine gets a copy of containerd's folder, in which links replace layers and compressed layers. They exist once for all machines.
share_images() {
  [[ -n $(layers) ]] || return 0
  install -d -m 700 "$SHARED" "$SHARED/folder"
  cp -a "$ROOT/$SNAPSHOTTER/snapshots" "$ROOT/$CONTENT" "$SHARED"
  (cd "$ROOT" && cp -a --parents io.containerd.metadata.v1.bolt/meta.db "$SNAPSHOTTER/metadata.db" "$SHARED/folder")
  umount "$ROOT"
  mv "$SHARED/folder"/* "$ROOT"
  rmdir "$SHARED/folder"
  mkdir -p "$ROOT/$CONTENT"
  mkdir -m 700 "$ROOT/$SNAPSHOTTER/snapshots"
  ln -s "$SHARED/sha256"/* "$ROOT/$CONTENT"
  ln -s "$SHARED/snapshots"/* "$ROOT/$SNAPSHOTTER/snapshots"
}
main </dev/null
