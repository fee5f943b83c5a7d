# shellcheck shell=bash
# The five services of the lab's OpenStack as processes of their own sessions, ended by what was recorded of them.

declare -A port=([keystone]=17500 [glance]=17929 [placement]=17878 [neutron]=17969 [nova]=17774)
python=/usr/bin/python3   # Debian's, whose packages these are, whatever else is in PATH

# record NAME: "PID START" of a daemon, where START tells it from a later process with its number.
record() { echo "$CACHE/run/$1"; }

# alive NAME: the daemon's process is there, and is the one that was started.
alive() {
    local pid start
    read -r pid start 2>/dev/null <"$(record "$1")" && [[ $(started "$pid" 2>/dev/null) == "$start" && -n $(readlink "/proc/$pid/exe") ]]
}

listens() { (exec 3<>"/dev/tcp/127.0.0.1/${port[$1]}") 2>/dev/null; }

answers() { alive "$1" && listens "$1"; }

all_answer() {
    local name
    for name in "${!port[@]}"; do answers "$name" || return; done
}

# start NAME ARGUMENT...: python with these arguments, unless it runs.
start() {
    local name=$1
    shift
    ! alive "$name" || return 0
    ! listens "$name" || die "port ${port[$name]} of 127.0.0.1, which $name needs, is taken"
    PYTHONPATH=$LAB/openstack/py setsid "$python" "$@" >>"$CACHE/log/$name.out" 2>&1 </dev/null 9>&- &
    echo "$! $(started $!)" >"$(record "$name")"
}

# up_by_now NAME...: waits for daemons to listen; one that has died says its last words.
up_by_now() {
    local name
    for name; do
        until_ready 180 "$name (see $CACHE/log/$name.log)" settled "$name"
        alive "$name" || { tail -n 20 "$CACHE/log/$name".{out,log} >&2; die "$name ended"; }
    done
}
settled() { listens "$1" || ! alive "$1"; }

stop_all() {
    local name pid start stop_patience=$((SECONDS + 5))
    for name in "${!port[@]}"; do
        ! alive "$name" || { read -r pid start <"$(record "$name")" && kill -- "-$pid"; }
    done
    for name in "${!port[@]}"; do
        until_ready 20 "the end of $name" gone "$name"
        rm -f "$(record "$name")"
    done
}

# Neutron and Nova wait for their last requests for longer than anyone wants to.
gone() {
    local pid start
    alive "$1" || return 0
    read -r pid start <"$(record "$1")"
    ((SECONDS < stop_patience)) || kill -KILL -- "-$pid"
    return 1
}

start_keystone() { start keystone "$LAB/openstack/py/kubelab_serve.py" "${port[keystone]}" keystone.server.wsgi:initialize_public_application; }

start_others() {
    start glance "$LAB/openstack/py/kubelab_serve.py" "${port[glance]}" glance.common.wsgi_app:init_app
    start placement "$LAB/openstack/py/kubelab_serve.py" "${port[placement]}" placement.wsgi:init_application
    start neutron -c 'import kubelab_neutron; kubelab_neutron.serve()' --config-file "$CACHE/etc/neutron.conf"
    up_by_now keystone placement   # Nova ends at once where these refuse connections
    start nova "$LAB/openstack/py/kubelab_nova.py" --config-file "$CACHE/etc/nova.conf" --log-file "$CACHE/log/nova.log"
    up_by_now glance neutron nova
}
