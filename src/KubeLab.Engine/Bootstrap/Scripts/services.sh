# shellcheck shell=bash
# Starts the services of a node that are not running.
main() {
  lock "Starting services"
  start_services
}
main </dev/null
