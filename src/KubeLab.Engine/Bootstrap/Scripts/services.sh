# shellcheck shell=bash
# Starts what a node needs and what does not run.
main() {
  lock "Starting services"
  start_services
}
main </dev/null
