#!/usr/bin/env bash
# Serves the mirror inside its container. When one of the two servers ends, so does the container, and the engine restarts it.
set -euo pipefail
trap 'exit 0' TERM INT
mkdir -p /var/www
ln -sfn /srv/apt /var/www/apt
sed "s/ADDRESS/$(hostname -i)/" /srv/mirror.yaml >/var/www/mirror.yaml
/srv/bin/docker-registry serve /srv/registry.yml &
/srv/bin/busybox httpd -f -p 80 -h /var/www &
wait -n
exit 1
