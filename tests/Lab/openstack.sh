#!/usr/bin/env bash
# openstack.sh up|down|status: a real OpenStack control plane on loopback, from Debian packages (see openstack/README.md).
set -euo pipefail
shopt -s inherit_errexit
here=$(dirname "${BASH_SOURCE[0]}")
# shellcheck source=base.sh
. "$here/base.sh"
CACHE=$CACHE/openstack
# shellcheck source=openstack/daemons.sh
. "$here/openstack/daemons.sh"
# shellcheck source=openstack/content.sh
. "$here/openstack/content.sh"

# Only one run at a time. A second run waits, and then has nothing to do.
alone() {
    mkdir -p "$CACHE"
    exec 9>"$CACHE/lock"
    flock -n 9 && return
    say 'waiting for another openstack.sh to finish'
    flock 9
}

up() {
    local from
    alone
    if all_answer && [[ -f $CACHE/clouds.yaml ]]; then
        echo "$CACHE/clouds.yaml"
        return
    fi
    install "${openstack_packages[@]}"
    umask 077
    stop_all
    rm -rf "$CACHE"/{building.*,clouds.yaml,secure.yaml} # left by a run that was interrupted or killed
    folders
    find "$CACHE/log" -type f -delete
    from=$(kept seed "$seed_key" seed)
    if ! all_answer; then
        say 'starting the services'
        rm -rf "${CACHE:?}/var"
        cp -a "$from/var" "$CACHE/var"
        configure
        start_keystone
        start_others
        fill
    fi
    clouds
    say 'OpenStack is up'
    echo "$CACHE/clouds.yaml"
}

# Also deletes all resources of the cloud.
down() {
    alone
    stop_all
    rm -rf "${CACHE:?}"/{var,etc,clouds.yaml,secure.yaml}
}

status() {
    local name bad=0
    for name in "${!port[@]}"; do
        if answers "$name"; then echo "$name: http://127.0.0.1:${port[$name]}"; else echo "$name: does not respond"; bad=1; fi
    done
    ((bad)) || echo "clouds: $CACHE/clouds.yaml"
    return $bad
}

# The user's cloud, proxies and Python modules must not affect the lab.
unset PYTHONPATH PYTHONHOME http_proxy https_proxy HTTP_PROXY HTTPS_PROXY "${!OS_@}"
export PATH=/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C.UTF-8 PYTHONDONTWRITEBYTECODE=1
export OS_KEYSTONE_CONFIG_FILES=$CACHE/etc/keystone.conf OS_GLANCE_CONFIG_DIR=$CACHE/etc OS_PLACEMENT_CONFIG_DIR=$CACHE/etc

case ${1:-} in
    up | down | status) "$1" ;;
    *) die 'usage: openstack.sh up|down|status' ;;
esac
