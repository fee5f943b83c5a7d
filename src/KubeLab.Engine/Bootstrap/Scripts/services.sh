# shellcheck shell=bash
# Starts the services of a node that are not running.
main() {
  lock "Starting services"
  start_services
  fact started "$(kubelet_started)"
}
main </dev/null
