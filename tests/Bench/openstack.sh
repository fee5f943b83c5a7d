#!/usr/bin/env bash
# New-KlVm against python3-openstackclient on the lab's OpenStack, in one run and in a project of its own that goes afterwards.
#   1. Four servers with floating IPs: `openstack server create --max 4 --wait` and the floating IPs, on a network that is there;
#      New-KlVm on the same network; New-KlVm with network, router and security group of its own. Target: at most 0.6 of the first.
#   2. 50 servers against 10, without floating IPs. Target: at most 2.5 times the wall time. Beside it, what OpenStack itself takes for as many in
#      one request: it shares two cores with what it serves.
#   3. Requests, as the client counts them.
# Wall times are those of whole processes, their start included.
set -euo pipefail
cd "$(dirname "$0")/../.."
few=${1:-10} many=${2:-50}
work=$(mktemp -d)
lab=$(tests/Lab/openstack.sh up)
pwsh=$(dotnet msbuild tests/KubeLab.Tests -getProperty:Pwsh)
# The bench sees its own project alone.
export OS_CLIENT_CONFIG_FILE=$work/clouds.yaml OS_CLIENT_SECURE_FILE=$work/secure.yaml XDG_DATA_HOME=$work/data
me=kubelab-bench-$$ password=$(head -c 18 /dev/urandom | base64 | tr '+/' '-_')

admin() { OS_CLIENT_CONFIG_FILE=$lab OS_CLIENT_SECURE_FILE=${lab%/*}/secure.yaml openstack --os-cloud lab-admin "$@"; }
mine() { openstack --os-cloud bench "$@"; }

clean() {
  set +e
  {
    pwsh_run "Get-KlVm -Provider OpenStack | Remove-KlVm -Confirm:\$false"
    mine server list -f value -c ID | sed 's/^/server delete --wait /' | mine
    mine floating ip list -f value -c ID | sed 's/^/floating ip delete /' | mine
    printf 'router remove subnet bench bench\nrouter delete bench\nnetwork delete bench\n' | mine
    admin security group list --project "$me" -f value -c ID | sed 's/^/security group delete /' | admin
    printf 'user delete %s\nproject delete %s\n' "$me" "$me" | admin
  } >"$work/clean" 2>&1
  rm -rf "$work"
}
trap clean EXIT

# pwsh_run SCRIPT: with the module.
pwsh_run() { dotnet "$pwsh" -NoProfile -Command "\$ErrorActionPreference = 'Stop'; Import-Module ./KubeLab.psd1; $1"; }

# seconds NAME COMMAND...: its wall time into $work/NAME.
seconds() {
  local name=$1 begin
  shift
  begin=$(date +%s.%N)
  "$@" >"$work/out" 2>&1 || { cat "$work/out" >&2; return 1; }
  echo "$(date +%s.%N) $begin" | awk '{ printf "%.1f\n", $1 - $2 }' >"$work/$name"
}

# ours COUNT NAME PARAMETER...: makes servers; how many requests it took goes into $work/NAME.requests.
ours() {
  local count=$1 name=$2
  shift 2
  # The engine is loaded in a context of its own, and found through what it made.
  pwsh_run "\$all = @(New-KlVm -Provider OpenStack -Cloud bench -Name $name -Count $count -Image 'Debian 12' -Flavor m1.tiny $*)
    \$engine = \$all[0].GetType().Assembly.GetType('KubeLab.Engine.LabEngine').GetProperty('Shared').GetValue(\$null)
    \$running = @(\$all | Where-Object State -EQ Running).Count
    [IO.File]::WriteAllText('$work/$name.requests', \"\$running \$(\$engine.Clouds.OpenAsync('bench', [Threading.CancellationToken]::None, \$null).Result.Requests)\")" || return 1
  [[ $(<"$work/$name.requests") == "$count "* ]]
}
requests() { cut -d ' ' -f 2 "$work/$1.requests"; }
remove() { pwsh_run "Remove-KlVm $1 -Confirm:\$false" >/dev/null; }

# As one types it.
theirs() {
  local n address
  mine server create --max 4 --min 4 --wait --image 'Debian 12' --flavor m1.tiny --network bench typed || return 1
  for n in 1 2 3 4; do
    address=$(mine floating ip create -f value -c floating_ip_address public) || return 1
    mine server add floating ip "typed-$n" "$address" || return 1
  done
}
# The same with the floating IPs in one process, and none sought: as quick as it can be.
theirs_quick() {
  mine server create --max 4 --min 4 --wait --image 'Debian 12' --flavor m1.tiny --network bench quick || return 1
  mine port list --network bench --long -f value -c ID -c 'Device Owner' | awk '/compute:/ { print $1 }' >"$work/ports"
  sed 's/^/floating ip create public --port /' "$work/ports" | mine
}
# theirs_gone: 4 servers and 4 floating IPs that lead to one were made; removes them.
theirs_gone() {
  printf 'server list --status ACTIVE -f value -c ID\nfloating ip list -f value -c Port\n' | mine | grep -Ec '^[0-9a-f-]{36}$' >"$work/made" || true
  (($(<"$work/made") == 8)) || { echo "the other side made $(<"$work/made") servers and floating IPs with a port, not 4 of each" >&2; exit 1; }
  mine server list -f value -c ID | xargs openstack --os-cloud bench server delete --wait
  mine floating ip list -f value -c ID | xargs openstack --os-cloud bench floating ip delete
}

admin project create "$me" >/dev/null
admin user create --project "$me" --password "$password" "$me" >/dev/null
{
  echo "role add --project $me --user $me member"
  echo "quota set --instances $((many + 10)) --cores 400 --ram 1048576 --floating-ips $((many + 10)) --ports 400 --networks 10 --routers 10 --secgroups 20 --secgroup-rules 200 $me"
} | admin >/dev/null
(
  umask 077
  cat >"$work/clouds.yaml" <<END
clouds:
  bench:
    auth: {auth_url: "$(awk '/auth_url:/ { print $2; exit }' "$lab")", username: $me, project_name: $me, user_domain_name: Default, project_domain_name: Default}
    region_name: RegionOne
END
  printf 'clouds:\n  bench:\n    auth:\n      password: "%s"\n' "$password" >"$work/secure.yaml"
)
printf '%s\n' 'network create bench' 'subnet create --network bench --subnet-range 10.90.0.0/16 bench' \
  'router create --external-gateway public bench' 'router add subnet bench bench' | mine >/dev/null

seconds theirs theirs
theirs_gone
seconds quick theirs_quick
theirs_gone
seconds same ours 4 same -FloatingIp -Network bench
remove same
seconds whole ours 4 whole -FloatingIp
remove whole
/usr/bin/python3 tests/Bench/openstack-many.py bench bench "$few" "$many" >"$work/itself"
seconds few ours "$few" few
remove few
seconds many ours "$many" many

awk -v theirs="$(<"$work/theirs")" -v quick="$(<"$work/quick")" -v same="$(<"$work/same")" -v whole="$(<"$work/whole")" -v few="$(<"$work/few")" -v many="$(<"$work/many")" -v n="$few" -v m="$many" \
  -v itself="$(paste -sd ' ' "$work/itself")" -v rs="$(requests same)" -v r4="$(requests whole)" -v rn="$(requests few)" -v rm="$(requests many)" 'BEGIN {
  printf "openstack server create --max 4 --wait, then floating IPs:        %6.1f s\n", theirs
  printf "the same with its floating IPs in one process:                    %6.1f s\n", quick
  printf "New-KlVm -Count 4 -FloatingIp on the same network:                %6.1f s, %.2f of it (target: at most 0.6), %.2f of the quicker; %d requests\n", same, same / theirs, same / quick, rs
  printf "New-KlVm -Count 4 -FloatingIp with network and router of its own: %6.1f s, %.2f of it, %.2f of the quicker; %d requests\n", whole, whole / theirs, whole / quick, r4
  printf "New-KlVm -Count %d: %6.1f s, %d requests\n", n, few, rn
  printf "New-KlVm -Count %d: %6.1f s, %d requests: %.2f times as long (target: at most 2.5), %.1f requests for each further server\n", m, many, rm, many / few, (rm - rn) / (m - n)
  split(itself, i, " ")
  printf "OpenStack itself, one request for all, until all are ACTIVE: %d in %.1f s, %d in %.1f s: %.2f times as long\n", n, i[1], m, i[2], i[2] / i[1]
  exit same / theirs > 0.6 || many / few > 2.5 }'
