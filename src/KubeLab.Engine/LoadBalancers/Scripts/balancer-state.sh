# shellcheck shell=bash
# Reports the frontends of a load balancer, and its servers as HAProxy sees them.
main() {
  local file
  for file in /etc/haproxy/kubelab/*.cfg; do
    [[ ! -e $file ]] || fact "frontend/$(basename -s .cfg "$file")" "$(sed -n 's/^  bind ://p' "$file") $(sed -n 's/^# //p' "$file")"
  done
  # The columns are in docs.haproxy.org/2.6/management.html, 9.1.
  [[ ! -S /run/haproxy/kubelab.sock ]] || socat - UNIX-CONNECT:/run/haproxy/kubelab.sock <<<'show stat' | awk -F, '
    NR == 1 { sub(/^# /, ""); for (i = 1; i <= NF; i++) column[$i] = i; next }
    NF > 1 && $column["svname"] !~ /^(FRONTEND|BACKEND)$/ {
      printf "::fact server/%s/%s=%s %s\n", $column["pxname"], $column["svname"], $column["addr"], $column["status"]
    }'
}
main </dev/null
