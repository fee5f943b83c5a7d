# shellcheck shell=bash
# Common functions for packages of Debian and Ubuntu. Included after lib.sh.

# package NAME: prints the installed version, or nothing.
package() { dpkg-query -W -f '${db:Status-Status} ${Version}' "$1" 2>/dev/null | sed -n 's/^installed //p'; }

# apt's lock timeout covers only the lock of dpkg. update also waits for the lock of the package lists.
apt() { apt-get -y -q --no-install-recommends -o DPkg::Lock::Timeout=600 ${CONTAINER:+-o Dpkg::Options::=--force-unsafe-io} "$@"; }

update() {
  step "Reading package lists"
  until update_output=$(apt update 2>&1); do
    local holder
    holder=$(sed -n 's/.*held by process \([0-9]*\).*/\1/p' <<<"$update_output" | head -1)
    [[ -n $holder ]] || { echo "$update_output" >&2; fail AptFailed "apt-get update failed: $(tail -1 <<<"$update_output")"; }
    step "Waiting for apt (process $holder)"
    timeout 600 tail --pid="$holder" -f /dev/null
  done
}
