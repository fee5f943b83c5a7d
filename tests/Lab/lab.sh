#!/usr/bin/env bash
# lab.sh up|engine|debian VERSION|vm|down|status: provides Kubernetes packages and images to machines without internet access (see README.md).
set -euo pipefail
shopt -s inherit_errexit
here=$(dirname "${BASH_SOURCE[0]}")
# shellcheck source=base.sh
. "$here/base.sh"
# shellcheck source=engine.sh
. "$here/engine.sh"
# shellcheck source=debian.sh
. "$here/debian.sh"
# shellcheck source=mirror.sh
. "$here/mirror.sh"
# shellcheck source=vm.sh
. "$here/vm.sh"

# Only one run at a time. A second run waits, and then has nothing to do.
alone() {
    mkdir -p "$CACHE"
    exec 9>"$CACHE/lock"
    flock -n 9 && return
    say 'waiting for another lab.sh to finish'
    flock 9
}

up() {
    alone
    rm -rf "$CACHE"/building.* # left by interrupted runs
    touch -c "$CACHE"/{"bookworm-$debian_key","trixie-$debian_key","kubernetes-$kubernetes_key","mirror-$mirror_key","vm-$vm_key"}
    find "$CACHE" -maxdepth 1 -type d -name '*-*' -mtime +30 -exec rm -rf {} + # built by older scripts
    engine_up
    debian_up 12
    network_up
    mirror_up
}

# Starts only the engine. Sufficient for machines that can reach the internet.
engine() {
    alone
    engine_up
}

# Provides the image of another Debian version for machines.
debian() {
    alone
    debian_up "${1:?specify a version}"
}

# Prints the folder with the disk, the kernel and the initial RAM disk of a virtual machine.
vm() {
    alone
    vm_up
}

down() {
    alone
    if engine_answers; then
        mirror_down
        network_down
    fi
    engine_down
}

status() {
    engine_answers || { echo 'Docker engine: not running'; return 1; }
    echo 'Docker engine: running'
    docker image inspect -f 'image debian:12: {{.Id}}' debian:12 2>/dev/null || { echo 'image debian:12: absent'; return 1; }
    [[ $(network_label) == 'label network' ]] || { echo 'network kubelab: absent'; return 1; }
    echo "network kubelab: mirror at $(mirror_address)"
    mirror_answers "$(mirror_address)" || { echo 'mirror: does not respond'; return 1; }
    echo "mirror: http://$(mirror_address)/mirror.yaml"
}

case ${1:-} in
    up | engine | debian | vm | down | status) "$@" ;;
    *) die 'usage: lab.sh up|engine|debian VERSION|vm|down|status' ;;
esac
