#!/usr/bin/env bash
# kubernetes.sh DIRECTORY: fills DIRECTORY/bin with Kubernetes' programs, built from Debian's source package, and the
# lab's own crictl and dns, which are built in the same tree because it holds what they need.
set -euo pipefail
out=$1
# shellcheck source=base.sh
. "$(dirname "$0")/base.sh"

version=1.20.2
say "building Kubernetes $version from source (about 6 minutes on 2 cores)"
install golang-1.19-go golang-github-modern-go-reflect2-dev dpkg-dev gcc libc6-dev
work=$out/work
export GOPATH=$work/go GOCACHE=$work/cache GO111MODULE=off CGO_ENABLED=0 GOFLAGS=-p=2 PATH=/usr/lib/go-1.19/bin:$PATH
tree=$GOPATH/src/k8s.io/kubernetes
mkdir -p "$work/lists/partial" "$(dirname "$tree")" "$out/bin"

# The machine's own sources of Debian, as sources of source packages; the machine's apt stays as it is.
debian_sources deb-src >"$work/sources.list"
apt=(apt-get -qq -o Dir::Etc::SourceList="$work/sources.list" -o Dir::Etc::SourceParts=- -o Dir::State::Lists="$work/lists" -o APT::Sandbox::User=root)
"${apt[@]}" update
(cd "$work" && "${apt[@]}" source kubernetes >source.log) || { cat "$work/source.log"; exit 1; }
mv "$work"/kubernetes-*"$version" "$tree"
cd "$tree"

# The vendored reflect2 iterates over maps in a way that Go 1.18 and later end the program for.
rm -rf vendor/github.com/modern-go/reflect2
cp -r /usr/share/gocode/src/github.com/modern-go/reflect2 vendor/github.com/modern-go/

# The API's descriptions are generated, not part of the source.
go install ./vendor/k8s.io/kube-openapi/cmd/openapi-gen
types=$(grep -rl --include='*.go' '^// +k8s:openapi-gen=' pkg/apis staging/src/k8s.io | grep -v -e /code-generator/ -e /sample-apiserver/ |
    xargs -n1 dirname | sort -u | sed 's#^staging/src/#vendor/#; s#^#k8s.io/kubernetes/#' | paste -sd,)
"$GOPATH/bin/openapi-gen" --logtostderr -i "$types" -p k8s.io/kubernetes/pkg/generated/openapi -O zz_generated.openapi \
    -h vendor/k8s.io/code-generator/hack/boilerplate.go.txt -r /dev/null

stamps='-s -w'
for package in component-base/version client-go/pkg/version; do
    for stamp in gitVersion=v$version gitMajor=1 gitMinor=20 gitTreeState=clean "buildDate=$(date -u +%FT%TZ -r CHANGELOG)"; do
        stamps+=" -X k8s.io/kubernetes/vendor/k8s.io/$package.$stamp"
    done
done
cp -r "$LAB/crictl" "$LAB/dns" cmd/
# One command for all of them, so that what they share is compiled once.
nice go install -trimpath -ldflags "$stamps" \
    ./cmd/{kubeadm,kubelet,kubectl,kube-apiserver,kube-controller-manager,kube-scheduler,kube-proxy,crictl,dns}
rm "$GOPATH/bin/openapi-gen"
mv "$GOPATH"/bin/* "$out/bin/"
gcc -Os -static -s -DVERSION=3.2 -o "$out/bin/pause" build/pause/linux/pause.c
chmod -R u+w "$work"
rm -rf "$work"
say 'Kubernetes built'
