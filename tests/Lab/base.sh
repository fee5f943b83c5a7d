# shellcheck shell=bash
# What every part of the lab uses: where things are kept, what is said, packages, and builds that are kept.

LAB=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
CACHE=${XDG_CACHE_HOME:-$HOME/.cache}/kubelab
LAB_START=${LAB_START:-$EPOCHSECONDS}
export LAB CACHE LAB_START DEBIAN_FRONTEND=noninteractive

say() { printf 'lab: %4ds  %s\n' "$((EPOCHSECONDS - LAB_START))" "$*" >&2; }
die() { printf 'lab: %s\n' "$*" >&2; exit 1; }

# install PACKAGE...: what is missing of them, from the machine's own apt sources.
install() {
    local package missing=() log=$CACHE/packages.log
    for package; do
        [[ $(dpkg-query -W -f '${db:Status-Abbrev}' "$package" 2>/dev/null) == ii* ]] || missing+=("$package")
    done
    ((${#missing[@]})) || return 0
    [[ $EUID == 0 ]] || die "needs root to install ${missing[*]}: run it as root, or install them first"
    say "installing ${missing[*]}"
    mkdir -p "$CACHE"
    fresh_apt install -y --no-install-recommends "${missing[@]}" >"$log" 2>&1 || { cat "$log" >&2; die "could not install ${missing[*]}"; }
}

# fresh_apt ARGUMENT...: apt-get, and where that fails once more with new package lists: a fresh machine has none,
# an old one may have lists of packages that are gone.
fresh_apt() {
    # apt waits for dpkg's lock, but not for that of its lists.
    local apt=(flock --close /var/lib/dpkg apt-get -qq -o DPkg::Lock::Timeout=600)
    "${apt[@]}" "$@" || { "${apt[@]}" update && "${apt[@]}" "$@"; }
}

# debian_sources deb|deb-src: the machine's own sources of Debian, one a line, in whichever format apt has them.
debian_sources() {
    [[ -n $(targets "$1") ]] || apt-get -qq update
    targets "$1" | grep . || die 'apt has no Debian sources: add them to /etc/apt'
}
targets() { apt-get indextargets --format "$1 \$(REPO_URI) \$(RELEASE) \$(COMPONENT)" 'Created-By: Packages' 'Origin: Debian'; }

# unpack DIRECTORY PACKAGE...: the files of Debian packages, without installing them.
unpack() {
    local directory=$1 package
    shift
    mkdir -p "$directory/packages"
    (cd "$directory/packages" && fresh_apt -o APT::Sandbox::User=root download "$@")
    for package in "$directory"/packages/*.deb; do dpkg-deb -x "$package" "$directory"; done
    rm -r "$directory/packages"
}

# kept NAME KEY COMMAND...: the path of the directory that COMMAND DIRECTORY fills, once for a KEY.
# It gets its name when it is complete, so an interrupted build leaves nothing that looks finished.
kept() {
    local at=$CACHE/$1-$2 building
    shift 2
    if [[ ! -d $at ]]; then
        building=$(mktemp -d "$CACHE/building.XXXXXX")
        "$@" "$building" >&2 9>&-   # 9 is the lock: nothing that a build leaves running may hold it
        mv "$building" "$at"
    fi
    echo "$at"
}

# key FILE...: one short name for the contents of these files.
key() { cat "$@" | sha256sum | cut -c1-12; }

# until_ready SECONDS WHAT COMMAND...: waits for COMMAND to succeed.
until_ready() {
    local end=$((SECONDS + $1)) what=$2
    shift 2
    until "$@" >/dev/null 2>&1; do
        ((SECONDS < end)) || die "$what is not ready"
        sleep 0.2
    done
}

# started PID: when the process started, in clock ticks after boot (field 22 of proc(5) stat).
started() { sed 's/.*) //' "/proc/$1/stat" | cut -d' ' -f20; }
