# shellcheck shell=bash
# The images debian:12 and debian:13: existing images, from the cache, from Docker Hub, or built from the machine's apt sources.

declare -A debian_suites=([12]=bookworm [13]=trixie)
debian_key=$(key "$LAB/debian.sh" "$LAB/debian-rootfs.sh")

# debian_up VERSION. The image has no label, because images that are built from it would inherit the label.
debian_up() {
    local image=debian:$1 suite=${debian_suites[$1]:-} root
    [[ -n $suite ]] || die "Debian $1 is not supported. Supported versions: ${!debian_suites[*]}"
    docker image inspect "$image" >/dev/null 2>&1 && return
    # Without a network the pull fails immediately or hangs. With one, a minute is enough.
    if [[ ! -d $CACHE/$suite-$debian_key ]] && timeout 60 docker pull -q "$image" >/dev/null 2>&1; then
        say "$image pulled"
        return
    fi
    install mmdebstrap
    root=$(kept "$suite" "$debian_key" "$LAB/debian-rootfs.sh" "$suite")
    docker import --change 'CMD ["bash"]' "$root/rootfs.tar" "$image" >/dev/null
    say "$image built from Debian packages"
}
