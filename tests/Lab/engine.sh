# shellcheck shell=bash
# The Docker engine: found answering, or installed and started by hand; stopped again only if we started it.

engine_record=$CACHE/dockerd.pid    # "PID START", where START tells this process from a later one with its number
engine_log=$CACHE/dockerd.log

engine_answers() { timeout 20 docker version --format '{{.Server.Version}}' >/dev/null 2>&1; }

engine_up() {
    engine_answers && return
    [[ -z ${DOCKER_HOST:-} ]] || die "no Docker engine answers at DOCKER_HOST=$DOCKER_HOST: start it, or unset the variable"
    [[ $EUID == 0 ]] || die 'no Docker engine answers: start it, or run this as root'
    install docker.io iptables
    if [[ -d /run/systemd/system ]]; then
        systemctl start docker
        until_ready 60 'the Docker engine (see journalctl -u docker)' engine_answers
    else
        mountpoint -q /sys/fs/cgroup || die '/sys/fs/cgroup is not mounted: no container can run here'
        engine_start
    fi
    say 'Docker engine started'
}

engine_start() {
    local file pid
    # A killed engine leaves these, and does not start beside them while the numbers are taken, if only by zombies.
    for file in /run/docker.pid /run/docker/containerd/containerd.pid; do
        ! engine_gone "$(cat "$file" 2>/dev/null || true)" || rm -f "$file"
    done
    # Closing 9 keeps the engine from holding the lab's lock; its own session keeps Ctrl+C away from it.
    setsid dockerd >"$engine_log" 2>&1 </dev/null 9>&- &
    pid=$!
    echo "$pid $(started "$pid")" >"$engine_record"
    until_ready 60 "the Docker engine (see $engine_log)" engine_settled "$pid"
    engine_answers || die "the Docker engine did not start: $(tail -n 1 "$engine_log")"
}

engine_settled() { engine_answers || ! readlink "/proc/$1/exe"; }

# A zombie has no program any more.
engine_gone() { [[ $(readlink "/proc/$1/exe") != */@(dockerd|containerd)* ]]; }

engine_down() {
    local pid start
    [[ -f $engine_record ]] || return 0
    read -r pid start <"$engine_record"
    if ! engine_gone "$pid" && [[ $(started "$pid") == "$start" ]]; then
        if [[ -n $(docker -H unix:///var/run/docker.sock ps -q) ]]; then
            say 'the Docker engine stays: other containers run on it'
            return
        fi
        kill "$pid"
        until_ready 60 'the end of the Docker engine' engine_gone "$pid"
        say 'Docker engine stopped'
    fi
    rm -f "$engine_record"
}
