# shellcheck shell=bash
# The pod network without any image: a bridge a node, and a route a peer.
# Parameters: ADDRESS, POD_CIDR (this node's), POD_SUBNET (all nodes'), ROUTES ("CIDR ADDRESS" a line), PROGRAM (routes.sh).
main() {
  local again=false device mtu
  lock "Pod network"
  device=$(ip -o -4 address show | awk -v address="$ADDRESS" '{split($4, a, "/")} a[1] == address {print $2; exit}')
  mtu=$(cat "/sys/class/net/$device/mtu")
  put 0644 /etc/kubelab/network <<<"POD_SUBNET=$POD_SUBNET"
  ! was_put || again=true
  put 0644 /etc/kubelab/routes <<<"$ROUTES"
  ! was_put || again=true
  put 0755 /usr/local/lib/kubelab/routes <<<"$PROGRAM"
  ! was_put || again=true
  put 0644 /etc/systemd/system/kubelab-routes.service <<<'[Unit]
Description=Routes to the pods of the other nodes
Wants=network-online.target
After=network-online.target

[Service]
Type=oneshot
RemainAfterExit=yes
ExecStart=/usr/local/lib/kubelab/routes

[Install]
WantedBy=multi-user.target'
  if was_put; then
    again=true
    systemctl daemon-reload
    systemctl enable -q kubelab-routes
  fi
  if [[ $again == true ]] || ! systemctl is-active -q kubelab-routes; then
    systemctl restart kubelab-routes || {
      journalctl -u kubelab-routes -n 5 --no-pager -o cat >&2
      fail HostRoutesFailed "a route to another node's pods could not be set; HostRoutes needs all nodes on one layer 2 network"
    }
  fi
  # The kubelet reports Ready when this file is there: last, so that the first pod finds its routes.
  put 0644 /etc/cni/net.d/10-kubelab.conflist <<<'{
  "cniVersion": "0.4.0",
  "name": "kubelab",
  "plugins": [
    {
      "type": "bridge", "bridge": "cni0", "isGateway": true, "ipMasq": false, "hairpinMode": true, "mtu": '"$mtu"',
      "ipam": {"type": "host-local", "ranges": [[{"subnet": "'"$POD_CIDR"'"}]], "routes": [{"dst": "0.0.0.0/0"}]}
    },
    {"type": "portmap", "capabilities": {"portMappings": true}}
  ]
}'
  # A node that joined again has another range; its old bridge would refuse it.
  ! was_put || ip link delete cni0 2>/dev/null || true
}
main </dev/null
