# shellcheck shell=bash
# The five services of the lab's OpenStack. Each runs in its own session, and its PID is recorded.

declare -A port=([keystone]=17500 [glance]=17929 [placement]=17878 [neutron]=17969 [nova]=17774)
python=/usr/bin/python3   # Debian's Python, for which the packages are built

# record NAME: prints the path of the file with "PID START". START distinguishes the daemon from a later process with the same PID.
record() { echo "$CACHE/run/$1"; }

# alive NAME: whether the recorded process is running.
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

# start NAME ARGUMENT...: starts Python with these arguments, unless the daemon is running.
start() {
    local name=$1
    shift
    ! alive "$name" || return 0
    ! listens "$name" || die "port ${port[$name]} of 127.0.0.1, which $name needs, is in use"
    PYTHONPATH=$LAB/openstack/py setsid "$python" "$@" >>"$CACHE/log/$name.out" 2>&1 </dev/null 9>&- &
    echo "$! $(started $!)" >"$(record "$name")"
}

# await_listening NAME...: waits until daemons listen. If one has ended, prints the end of its log and fails.
await_listening() {
    local name
    for name; do
        until_ready 180 "$name (see $CACHE/log/$name.log)" settled "$name"
        alive "$name" || { tail -n 20 "$CACHE/log/$name".{out,log} >&2; die "$name ended"; }
    done
}
settled() { listens "$1" || ! alive "$1"; }

stop_all() {
    local name pid start kill_time=$((SECONDS + 5))
    for name in "${!port[@]}"; do
        ! alive "$name" || { read -r pid start <"$(record "$name")" && kill -- "-$pid"; }
    done
    for name in "${!port[@]}"; do
        until_ready 20 "the end of $name" gone "$name"
        rm -f "$(record "$name")"
    done
}

# Neutron and Nova wait a long time for their last requests, so they are killed after a few seconds.
gone() {
    local pid start
    alive "$1" || return 0
    read -r pid start <"$(record "$1")"
    ((SECONDS < kill_time)) || kill -KILL -- "-$pid"
    return 1
}

start_keystone() { start keystone "$LAB/openstack/py/kubelab_serve.py" "${port[keystone]}" keystone.server.wsgi:initialize_public_application; }

start_others() {
    start glance "$LAB/openstack/py/kubelab_serve.py" "${port[glance]}" glance.common.wsgi_app:init_app
    start placement "$LAB/openstack/py/kubelab_serve.py" "${port[placement]}" placement.wsgi:init_application
    start neutron -c 'import kubelab_neutron; kubelab_neutron.serve()' --config-file "$CACHE/etc/neutron.conf"
    await_listening keystone placement   # Nova ends immediately if these refuse connections
    start nova "$LAB/openstack/py/kubelab_nova.py" --config-file "$CACHE/etc/nova.conf" --log-file "$CACHE/log/nova.log"
    await_listening glance neutron nova
}
