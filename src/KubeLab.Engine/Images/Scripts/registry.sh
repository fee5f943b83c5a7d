# shellcheck shell=bash
# Runs Debian's docker-registry as a separate service with TLS and a password.
# Parameters: LISTEN (address:port), CERTIFICATE, KEY (PEM), HTPASSWD (user and bcrypt hash).
main() {
  local restart=false folder=/etc/kubelab/registry
  lock "Registry"
  check_port
  if ! command -v docker-registry >/dev/null; then
    step "Installing docker-registry"
    # The service of the package would listen without TLS.
    systemctl mask -q docker-registry
    install_registry || { apt-get -q update && install_registry; }
    changed "installed docker-registry"
  fi
  put 0644 "$folder/config.yml" <<<"version: 0.1
log: {level: error, accesslog: {disabled: true}}
storage:
  filesystem: {rootdirectory: /var/lib/docker-registry}
  cache: {blobdescriptor: inmemory}
  delete: {enabled: true}
http:
  addr: '$LISTEN'
  tls: {certificate: $folder/tls.crt, key: $folder/tls.key}
auth:
  htpasswd: {realm: kubelab, path: $folder/htpasswd}"
  ! was_put || restart=true
  put 0644 "$folder/tls.crt" <<<"$CERTIFICATE"
  ! was_put || restart=true
  put 0640 "$folder/tls.key" <<<"$KEY"
  ! was_put || restart=true
  put 0640 "$folder/htpasswd" <<<"$HTPASSWD"
  ! was_put || restart=true
  chgrp docker-registry "$folder/tls.key" "$folder/htpasswd"
  put 0644 /etc/systemd/system/kubelab-registry.service <<<'[Unit]
Description=Image registry of a KubeLab cluster
Wants=network-online.target
After=network-online.target

[Service]
User=docker-registry
ExecStart=/usr/bin/docker-registry serve /etc/kubelab/registry/config.yml
Restart=always
RestartSec=1

[Install]
WantedBy=multi-user.target'
  if was_put; then
    restart=true
    systemctl daemon-reload
  fi
  systemctl is-enabled -q kubelab-registry 2>/dev/null || systemctl enable -q kubelab-registry
  if [[ $restart == true ]] || ! systemctl is-active -q kubelab-registry; then
    step "Starting the registry"
    systemctl restart kubelab-registry
    changed "started the registry on $LISTEN"
  fi
}

# Checked before any change, so that a registry on another port keeps running.
check_port() {
  local holder attempt
  for attempt in 1 2 3 4 5; do
    holder=$(ss -ltnHp "sport = :${LISTEN##*:}" | grep -v '"docker-registry",pid='"$(systemctl show -p MainPID --value kubelab-registry)," || true)
    # ss reads the processes before the sockets, so that it knows no process of a socket that was just opened.
    [[ -n $holder && $holder != *users:* ]] || break
    ((attempt == 5)) || sleep 0.2
  done
  [[ -z $holder ]] ||
    fail RegistryPortTaken "port ${LISTEN##*:} is in use by $(sed 's/.*users:(("//; s/",pid=/, process /; s/,fd=.*//' <<<"$holder" | head -1)"
}

install_registry() {
  apt-get -y -q --no-install-recommends -o DPkg::Lock::Timeout=600 install docker-registry
}
main </dev/null
