# shellcheck shell=bash
# The Docker engine: used if it is running, else installed and started. It is stopped only if this script started it.

engine_record=$CACHE/dockerd.pid    # "PID START". START distinguishes this process from a later one with the same PID.
engine_log=$CACHE/dockerd.log

engine_answers() { timeout 20 docker version --format '{{.Server.Version}}' >/dev/null 2>&1; }

engine_up() {
    engine_answers && return
    [[ -z ${DOCKER_HOST:-} ]] || die "the Docker engine at DOCKER_HOST=$DOCKER_HOST does not respond: start it, or unset the variable"
    [[ $EUID == 0 ]] || die 'the Docker engine is not running: start it, or run this as root'
    install docker.io iptables
    if [[ -d /run/systemd/system ]]; then
        systemctl start docker
        until_ready 60 'the Docker engine (see journalctl -u docker)' engine_answers
    else
        mountpoint -q /sys/fs/cgroup || die '/sys/fs/cgroup is not mounted, so containers cannot run'
        engine_start
    fi
    say 'Docker engine started'
}

engine_start() {
    local file pid
    # A killed engine leaves these files. It does not start while their PIDs are in use, even by zombies.
    for file in /run/docker.pid /run/docker/containerd/containerd.pid; do
        ! engine_gone "$(cat "$file" 2>/dev/null || true)" || rm -f "$file"
    done
    # 9 is closed so that the engine does not hold the lab's lock. In its own session it does not receive Ctrl+C.
    setsid dockerd >"$engine_log" 2>&1 </dev/null 9>&- &
    pid=$!
    echo "$pid $(started "$pid")" >"$engine_record"
    until_ready 60 "the Docker engine (see $engine_log)" engine_settled "$pid"
    engine_answers || die "the Docker engine did not start: $(tail -n 1 "$engine_log")"
}

engine_settled() { engine_answers || ! readlink "/proc/$1/exe"; }

# A zombie no longer has an executable.
engine_gone() { [[ $(readlink "/proc/$1/exe") != */@(dockerd|containerd)* ]]; }

engine_down() {
    local pid start
    [[ -f $engine_record ]] || return 0
    read -r pid start <"$engine_record"
    if ! engine_gone "$pid" && [[ $(started "$pid") == "$start" ]]; then
        if [[ -n $(docker -H unix:///var/run/docker.sock ps -q) ]]; then
            say 'the Docker engine is not stopped: other containers are running'
            return
        fi
        kill "$pid"
        until_ready 60 'the end of the Docker engine' engine_gone "$pid"
        say 'Docker engine stopped'
    fi
    rm -f "$engine_record"
}
