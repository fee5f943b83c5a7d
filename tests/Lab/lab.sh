#!/usr/bin/env bash
# lab.sh up|engine|debian VERSION|down|status: a machine without internet gets a real Kubernetes to install from (see README.md).
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

# One at a time: whoever comes second waits, and finds everything done.
alone() {
    mkdir -p "$CACHE"
    exec 9>"$CACHE/lock"
    flock -n 9 && return
    say 'waiting for another lab.sh to finish'
    flock 9
}

up() {
    alone
    rm -rf "$CACHE"/building.* # of a run that was interrupted
    touch -c "$CACHE"/{"bookworm-$debian_key","trixie-$debian_key","kubernetes-$kubernetes_key","mirror-$mirror_key"}
    find "$CACHE" -maxdepth 1 -type d -name '*-*' -mtime +30 -exec rm -rf {} + # of older scripts
    engine_up
    debian_up 12
    network_up
    mirror_up
}

# Only the engine, where upstream is reached.
engine() {
    alone
    engine_up
}

# The image of another Debian, for machines that are made of it.
debian() {
    alone
    debian_up "${1:?which version}"
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
    engine_answers || { echo 'Docker engine: none answers'; return 1; }
    echo 'Docker engine: answers'
    docker image inspect -f 'image debian:12: {{.Id}}' debian:12 2>/dev/null || { echo 'image debian:12: absent'; return 1; }
    [[ $(network_label) == 'label network' ]] || { echo 'network kubelab: absent'; return 1; }
    echo "network kubelab: mirror at $(mirror_address)"
    mirror_answers "$(mirror_address)" || { echo 'mirror: does not answer'; return 1; }
    echo "mirror: http://$(mirror_address)/mirror.yaml"
}

case ${1:-} in
    up | engine | debian | down | status) "$@" ;;
    *) die 'usage: lab.sh up|engine|debian VERSION|down|status' ;;
esac
