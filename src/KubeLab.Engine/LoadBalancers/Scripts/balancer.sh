# shellcheck shell=bash
# Makes a machine the load balancer of a lab, and changes its frontends.
# Parameters: CONTAINER; NODES (lines of "NAME ADDRESS": the servers of all services, if not empty), or FRONTEND (its name; empty: all are removed), PORT and
# SECTION (of haproxy.cfg; empty: the frontend is removed).
readonly FOLDER=/etc/haproxy/kubelab

main() {
  lock "Load balancer"
  [[ ! -e $MARK || $(marked role) == load-balancer ]] || fail MachineInUse "it is a node of $(marked cluster)"
  ! has_traces || fail MachineInUse "it has a Kubernetes installation"
  mark role=load-balancer
  install_haproxy
  base_config
  mkdir -p "$FOLDER"
  if [[ -n $NODES ]]; then
    set_nodes
  elif [[ -n $SECTION ]]; then
    set_frontend "$FOLDER/$FRONTEND.cfg"
  else
    remove_frontends
  fi
  if ! compgen -G "$FOLDER/*.cfg" >/dev/null; then
    # HAProxy does not start without a frontend.
    systemctl disable -q --now haproxy
  elif [[ $reload == true ]] || ! systemctl is-active -q haproxy; then
    step "Starting HAProxy"
    systemctl enable -q haproxy
    systemctl reset-failed haproxy 2>/dev/null || true
    # A reload keeps existing connections.
    systemctl reload-or-restart haproxy ||
      fail ServiceDown "haproxy could not be started: $(journalctl -u haproxy -n 20 --no-pager -o cat | grep -F '[ALERT]' | tail -1)"
    wait_until_loaded
  fi
}

# A reload ends before the new process has taken over.
wait_until_loaded() {
  local end=$((SECONDS + 15)) expected
  expected=$(awk '/^listen / {name = $2} /^  server / {print name, $2, $3}' "$FOLDER"/*.cfg | sort)
  until [[ $(servers | sort) == "$expected" ]]; do
    ((SECONDS < end)) || fail ServiceDown "haproxy does not use its new configuration"
    sleep 0.1
  done
}

# servers: prints the frontend, name and address of each server of the running process.
servers() {
  socat - UNIX-CONNECT:/run/haproxy/kubelab.sock <<<'show stat' 2>/dev/null | awk -F, '
    NR == 1 { for (i = 1; i <= NF; i++) if ($i == "addr") address = i; next }
    NF > 1 && $2 !~ /^(FRONTEND|BACKEND)$/ { print $1, $2, $address }' || true
}

install_haproxy() {
  if [[ -z $(package haproxy) ]]; then
    step "Installing HAProxy"
    # It must not start with the distribution's configuration.
    systemctl mask -q haproxy 2>/dev/null
    update
    apt install haproxy socat
    changed "installed HAProxy $(package haproxy)"
  fi
  systemctl unmask -q haproxy
}

base_config() {
  reload=false
  put 0644 /etc/default/haproxy <<<'# Written by KubeLab.
EXTRAOPTS="-S /run/haproxy-master.sock -f /etc/haproxy/kubelab"'
  if was_put; then reload=true; fi
  # Watches and terminals can be idle for hours. Keep-alive finds peers that are gone.
  put 0644 /etc/haproxy/haproxy.cfg <<<'# Written by KubeLab. The frontends are in the folder kubelab.
global
  log /dev/log local0
  stats socket /run/haproxy/kubelab.sock mode 600
  user haproxy
  group haproxy

defaults
  mode tcp
  option clitcpka
  option srvtcpka
  option redispatch 1
  retries 3
  timeout connect 2s
  timeout check 2s
  timeout client 24h
  timeout server 24h'
  if was_put; then reload=true; fi
}

# set_frontend FILE
set_frontend() {
  local owner
  # shellcheck disable=SC2153 # a parameter
  if ! grep -qsxF "  bind :$PORT" "$1"; then
    owner=$(grep -lxF "  bind :$PORT" "$FOLDER"/*.cfg 2>/dev/null | head -1 | xargs -r basename -s .cfg || true)
    owner=${owner:-$(ss -Hltnp "sport = :$PORT" | sed -n 's/.*users:(("\([^"]*\)".*/the program \1/p' | head -1)}
    [[ -z $owner ]] || fail LoadBalancerPortTaken "port $PORT is already used by $owner"
  fi
  put 0644 "$1" <<<"$SECTION"
  if was_put; then reload=true; fi
}

remove_frontends() {
  local file
  for file in "$FOLDER"/${FRONTEND:-*}.cfg; do
    [[ -e $file ]] || continue
    rm "$file"
    reload=true
    changed "removed the frontend $(basename -s .cfg "$file")"
  done
}

set_nodes() {
  local file port
  for file in "$FOLDER"/svc.*.cfg; do
    [[ -e $file ]] || continue
    port=$(sed -n '/^  server /{s/.*://p;q}' "$file")
    put 0644 "$file" < <(
      grep -v '^  server ' "$file"
      awk -v port="$port" 'NF {printf "  server %s %s:%s\n", $1, $2, port}' <<<"$NODES"
    )
    if was_put; then reload=true; fi
  done
}
main </dev/null
