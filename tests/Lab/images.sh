#!/usr/bin/env bash
# images.sh DIRECTORY BIN: fills DIRECTORY/registry with the images that kubeadm 1.20 asks for, around the programs of
# BIN. DIRECTORY/bin and DIRECTORY/registry.yml are the registry that they are pushed to.
set -euo pipefail
out=$1 bin=$2
# shellcheck source=base.sh
. "$(dirname "$0")/base.sh"

# Debian's programs with the libraries that they need, and nothing else: every node pulls them.
unpack "$out/etcd" libc6 etcd-server etcd-client
unpack "$out/proxy" libc6 libmnl0 libnetfilter-conntrack3 libnfnetlink0 libnftnl11 libxtables12 iptables conntrack
for name in {ip,ip6}tables{,-save,-restore}; do
    ln -s xtables-nft-multi "$out/proxy/usr/sbin/$name"
done
rm -rf "$out"/{etcd,proxy}/usr/share "$out"/{etcd,proxy}/usr/lib/x86_64-linux-gnu/gconv

mkdir "$out/registry"
container=$(docker run -d --rm --label org.kubelab=mirror -p 127.0.0.1::5000 -v "$out:/srv" debian:12 \
    /srv/bin/docker-registry serve /srv/registry.yml)
trap 'docker rm -f "$container" >/dev/null' EXIT
registry=$(docker port "$container" 5000/tcp)
until_ready 20 'the registry to push to' docker exec "$container" bash -c '</dev/tcp/127.0.0.1/5000'

# image NAME FILE...: builds it with the Dockerfile of standard input, and pushes it.
image() {
    local name=$1 context=$out/context log=$out/image.log
    shift
    mkdir "$context"
    cp -a "$@" "$context"
    cat >"$context/Dockerfile"
    { docker build -t "$registry/$name" "$context" &&
        docker push "$registry/$name" &&
        docker image rm "$registry/$name"; } >"$log" 2>&1 || { cat "$log"; die "could not make the image $name"; }
    rm -r "$context" "$log"
    say "image $name"
}

for name in kube-apiserver kube-controller-manager kube-scheduler; do
    image $name:v1.20.2 "$bin/$name" <<END
FROM scratch
COPY $name /usr/local/bin/
END
done
image kube-proxy:v1.20.2 "$bin/kube-proxy" "$out/proxy" <<'END'
FROM scratch
COPY proxy /
COPY kube-proxy /usr/local/bin/
END
image etcd:3.4.13-0 "$out/etcd" <<'END'
FROM scratch
COPY etcd /
END
image pause:3.2 "$bin/pause" <<'END'
FROM scratch
COPY pause /
USER 65535:65535
ENTRYPOINT ["/pause"]
END
image coredns:1.7.0 "$bin/dns" <<'END'
FROM scratch
COPY dns /coredns
ENTRYPOINT ["/coredns"]
END
rm -r "$out"/{etcd,proxy}
