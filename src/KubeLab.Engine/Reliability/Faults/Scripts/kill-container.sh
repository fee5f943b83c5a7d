# shellcheck shell=bash
# Kills the main process of a container.
# Parameters: CONTAINER (ID).
main() {
  local pid file=/run/containerd/io.containerd.runtime.v2.task/k8s.io/$CONTAINER/init.pid
  { pid=$(cat "$file") && kill -KILL "$pid"; } 2>/dev/null || fail FaultTargetGone "the container is not running"
  changed "killed process $pid"
}
main </dev/null
