# shellcheck shell=bash
# The image debian:12: as the engine has it, as the cache has it, from Docker Hub, or made of the machine's own apt sources.

debian_key=$(key "$LAB/debian.sh" "$LAB/debian-rootfs.sh")

# It carries no label of ours: whatever is built from it would inherit the label.
debian_up() {
    docker image inspect debian:12 >/dev/null 2>&1 && return
    # Without a network the pull fails at once or hangs; a minute is enough for whoever can reach Docker Hub.
    if [[ ! -d $CACHE/debian-$debian_key ]] && timeout 60 docker pull -q debian:12 >/dev/null 2>&1; then
        say 'debian:12 pulled'
        return
    fi
    local root
    install mmdebstrap
    root=$(kept debian "$debian_key" "$LAB/debian-rootfs.sh")
    docker import --change 'CMD ["bash"]' "$root/rootfs.tar" debian:12 >/dev/null
    say 'debian:12 made of Debian packages'
}
