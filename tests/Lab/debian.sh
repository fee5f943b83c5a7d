# shellcheck shell=bash
# The images debian:12 and debian:13: as the engine has them, as the cache has them, from Docker Hub, or made of the machine's own apt sources.

declare -A debian_suites=([12]=bookworm [13]=trixie)
debian_key=$(key "$LAB/debian.sh" "$LAB/debian-rootfs.sh")

# debian_up VERSION. The image carries no label of ours: whatever is built from it would inherit the label.
debian_up() {
    local image=debian:$1 suite=${debian_suites[$1]:-} root
    [[ -n $suite ]] || die "the lab makes ${!debian_suites[*]} of Debian, not $1"
    docker image inspect "$image" >/dev/null 2>&1 && return
    # Without a network the pull fails at once or hangs; a minute is enough for whoever can reach Docker Hub.
    if [[ ! -d $CACHE/$suite-$debian_key ]] && timeout 60 docker pull -q "$image" >/dev/null 2>&1; then
        say "$image pulled"
        return
    fi
    install mmdebstrap
    root=$(kept "$suite" "$debian_key" "$LAB/debian-rootfs.sh" "$suite")
    docker import --change 'CMD ["bash"]' "$root/rootfs.tar" "$image" >/dev/null
    say "$image made of Debian packages"
}
