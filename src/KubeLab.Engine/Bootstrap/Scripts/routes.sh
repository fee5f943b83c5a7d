#!/bin/bash
# Sets routes to the pods of other nodes, and masquerades traffic that leaves the pod network. Written by KubeLab; runs at boot.
set -euo pipefail
# shellcheck source=/dev/null
. /etc/kubelab/network
: "${POD_SUBNET:?}"

# Protocol 75 marks the routes of KubeLab.
while read -r cidr via; do
  [[ -z $cidr ]] || ip route replace "$cidr" via "$via" proto 75
done </etc/kubelab/routes
ip -4 route show proto 75 | while read -r cidr _ via _; do
  grep -qx "$cidr $via" /etc/kubelab/routes || ip route delete "$cidr" proto 75
done

rule() { iptables -w -t "$1" -C "${@:2}" 2>/dev/null || iptables -w -t "$1" -A "${@:2}"; }
rule nat POSTROUTING -s "$POD_SUBNET" ! -d "$POD_SUBNET" -j MASQUERADE
rule filter FORWARD -s "$POD_SUBNET" -j ACCEPT
rule filter FORWARD -d "$POD_SUBNET" -j ACCEPT
