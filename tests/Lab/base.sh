# shellcheck shell=bash
# Functions for all parts of the lab: the cache, messages, packages and cached builds.

LAB=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
CACHE=${XDG_CACHE_HOME:-$HOME/.cache}/kubelab
LAB_START=${LAB_START:-$EPOCHSECONDS}
export LAB CACHE LAB_START DEBIAN_FRONTEND=noninteractive

say() { printf 'lab: %4ds  %s\n' "$((EPOCHSECONDS - LAB_START))" "$*" >&2; }
die() { printf 'lab: %s\n' "$*" >&2; exit 1; }

# install PACKAGE...: installs missing packages from the machine's apt sources.
install() {
    local package missing=() log=$CACHE/packages.log
    for package; do
        [[ $(dpkg-query -W -f '${db:Status-Abbrev}' "$package" 2>/dev/null) == ii* ]] || missing+=("$package")
    done
    ((${#missing[@]})) || return 0
    [[ $EUID == 0 ]] || die "installing ${missing[*]} requires root: run this as root, or install the packages first"
    say "installing ${missing[*]}"
    mkdir -p "$CACHE"
    fresh_apt install -y --no-install-recommends "${missing[@]}" >"$log" 2>&1 || { cat "$log" >&2; die "could not install ${missing[*]}"; }
}

# fresh_apt ARGUMENT...: runs apt-get. If it fails, updates the package lists and runs it again:
# a new machine has no lists, and old lists may contain packages that no longer exist.
fresh_apt() {
    # apt waits for dpkg's lock, but not for the lock of the package lists.
    local apt=(flock --close /var/lib/dpkg apt-get -qq -o DPkg::Lock::Timeout=600)
    "${apt[@]}" "$@" || { "${apt[@]}" update && "${apt[@]}" "$@"; }
}

# debian_sources deb|deb-src: prints the machine's Debian sources, one per line, from any format that apt supports.
debian_sources() {
    [[ -n $(targets "$1") ]] || apt-get -qq update
    targets "$1" | grep . || die 'apt has no Debian sources: add them to /etc/apt'
}
targets() { apt-get indextargets --format "$1 \$(REPO_URI) \$(RELEASE) \$(COMPONENT)" 'Created-By: Packages' 'Origin: Debian'; }

# unpack DIRECTORY PACKAGE...: extracts Debian packages without installing them.
unpack() {
    local directory=$1 package
    shift
    mkdir -p "$directory/packages"
    (cd "$directory/packages" && fresh_apt -o APT::Sandbox::User=root download "$@")
    for package in "$directory"/packages/*.deb; do dpkg-deb -x "$package" "$directory"; done
    rm -r "$directory/packages"
}

# kept NAME KEY COMMAND...: prints the path of a cached directory. COMMAND DIRECTORY fills it, once per KEY.
# The directory is renamed when it is complete, so an interrupted build is never used.
kept() {
    local at=$CACHE/$1-$2 building
    shift 2
    if [[ ! -d $at ]]; then
        building=$(mktemp -d "$CACHE/building.XXXXXX")
        "$@" "$building" >&2 9>&-   # 9 is the lock. Processes that a build leaves running must not hold it.
        mv "$building" "$at"
    fi
    echo "$at"
}

# key FILE...: prints a short hash of the contents of the files.
key() { cat "$@" | sha256sum | cut -c1-12; }

# until_ready SECONDS WHAT COMMAND...: waits until COMMAND succeeds.
until_ready() {
    local end=$((SECONDS + $1)) what=$2
    shift 2
    until "$@" >/dev/null 2>&1; do
        ((SECONDS < end)) || die "timed out waiting for $what"
        sleep 0.2
    done
}

# started PID: prints the start time of the process in clock ticks after boot (field 22 of proc(5) stat).
started() { sed 's/.*) //' "/proc/$1/stat" | cut -d' ' -f20; }
