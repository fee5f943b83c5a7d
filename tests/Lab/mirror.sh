# shellcheck shell=bash
# The mirror: a container that serves Kubernetes packages and images at the second address of the lab's network.

kubernetes_key=$(key "$LAB/kubernetes.sh" "$LAB"/{crictl,dns}/*.go)
mapfile -t mirror_parts < <(find "$LAB"/{mirror-content,apt-repository,images}.sh "$LAB"/{packages,mirror} -type f | sort)
mirror_key=$(key "${mirror_parts[@]}" <(echo "$kubernetes_key"))

# Both print nothing if the object does not exist.
network_label() { docker network ls --filter 'name=^kubelab$' --format 'label {{.Label "org.kubelab"}}'; }
mirror_labels() {
    docker ps -a --filter 'name=^/kubelab-mirror$' --format 'labels {{.Label "org.kubelab"}} {{.Label "org.kubelab.content"}}'
}

# KubeLab's Docker provider creates the same network if it does not exist.
network_up() {
    local second subnet
    case $(network_label) in
        'label network') return ;;
        '') ;;
        *) die 'the existing Docker network kubelab does not belong to KubeLab: remove or rename it' ;;
    esac
    for second in {77..99}; do
        subnet=10.$second.0.0/16
        docker network create --label org.kubelab=network --subnet "$subnet" --gateway "10.$second.0.1" kubelab >/dev/null 2>&1 || continue
        say "network kubelab: $subnet"
        return
    done
    die 'Docker rejected all subnets from 10.77.0.0/16 to 10.99.0.0/16: see docker network ls'
}

mirror_address() {
    docker network inspect -f '{{(index .IPAM.Config 0).Subnet}}' kubelab | sed 's#\.0/.*#.2#'
}

mirror_answers() { (exec 3<>"/dev/tcp/$1/80" 4<>"/dev/tcp/$1/5000") 2>/dev/null; }

mirror_content() {
    local kubernetes
    kubernetes=$(kept kubernetes "$kubernetes_key" "$LAB/kubernetes.sh")
    "$LAB/mirror-content.sh" "$1" "$kubernetes/bin"
}

mirror_up() {
    local address labels content
    address=$(mirror_address)
    labels=$(mirror_labels)
    [[ -z $labels || $labels == 'labels mirror '* ]] || die 'the existing container kubelab-mirror does not belong to KubeLab: remove or rename it'
    # A container that cannot start because its content or network was deleted is replaced.
    if [[ $labels != "labels mirror $mirror_key" || ! -d $CACHE/mirror-$mirror_key ]] || ! docker start kubelab-mirror >/dev/null 2>&1; then
        content=$(kept mirror "$mirror_key" mirror_content)
        mirror_down
        docker run -d --name kubelab-mirror --label org.kubelab=mirror --label "org.kubelab.content=$mirror_key" \
            --restart unless-stopped --network kubelab --ip "$address" -v "$content:/srv:ro" debian:12 /srv/serve.sh >/dev/null
        say "mirror started at $address"
    fi
    until_ready 30 'the mirror (see docker logs kubelab-mirror)' mirror_answers "$address"
    echo "http://$address/mirror.yaml"
}

# Also removes the registry of an interrupted images.sh.
mirror_down() {
    docker ps -aq --filter label=org.kubelab=mirror | xargs -r docker rm -f >/dev/null
}

network_down() {
    [[ $(network_label) == 'label network' && -z $(docker ps -aq --filter network=kubelab) ]] || return 0
    docker network rm kubelab >/dev/null
}
