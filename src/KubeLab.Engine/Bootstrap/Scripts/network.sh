# shellcheck shell=bash
# A pod network without images: a bridge on each node and a route to each other node.
# Parameters: ADDRESS, POD_CIDR (of this node), POD_SUBNET (of the cluster), ROUTES (lines of "CIDR ADDRESS"), PROGRAM (routes.sh).
main() {
  local restart=false device mtu gateway
  lock "Pod network"
  device=$(ip -o -4 address show | awk -v address="$ADDRESS" '{split($4, a, "/")} a[1] == address {print $2; exit}')
  mtu=$(cat "/sys/class/net/$device/mtu")
  put 0644 /etc/kubelab/network <<<"POD_SUBNET=$POD_SUBNET"
  ! was_put || restart=true
  put 0644 /etc/kubelab/routes <<<"$ROUTES"
  ! was_put || restart=true
  put 0755 /usr/local/lib/kubelab/routes <<<"$PROGRAM"
  ! was_put || restart=true
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
    restart=true
    systemctl daemon-reload
    systemctl enable -q kubelab-routes
  fi
  if [[ $restart == true ]] || ! systemctl is-active -q kubelab-routes; then
    systemctl restart kubelab-routes || {
      journalctl -u kubelab-routes -n 5 --no-pager -o cat >&2
      fail HostRoutesFailed "a route to another node's pods could not be set; HostRoutes requires all nodes to be on the same layer 2 network"
    }
  fi
  # A node that joined again has another range, for which the old bridge has the wrong address. As soon as the next file exists, pods use the bridge.
  gateway=${POD_CIDR%/*}
  gateway=${gateway%.*}.$((${gateway##*.} + 1))
  if ip link show cni0 >/dev/null 2>&1 && ! ip -o -4 address show dev cni0 | grep -qF " $gateway/"; then
    ip link delete cni0
  fi
  # Written last, because the kubelet reports Ready when this file exists, and the first pod needs the routes.
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
}
main </dev/null
