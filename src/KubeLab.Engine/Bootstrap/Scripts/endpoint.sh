# shellcheck shell=bash
# Makes a node reach the control planes at another address.
# Parameters: ENDPOINT_HOST, SERVER (the address).
main() {
  lock "Address of the control planes"
  resolve_endpoint "$ENDPOINT_HOST" "$SERVER"
  sed -i "s/^server=.*/server=$SERVER/" "$MARK"
  # It would keep its connection to the old address.
  systemctl restart kubelet
  changed "reaches the control planes at $SERVER"
}
main </dev/null
