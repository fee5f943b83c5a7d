#!/usr/bin/env bash
# mirror-content.sh DIRECTORY BIN: fills DIRECTORY with what the mirror's container mounts at /srv.
set -euo pipefail
out=$1 bin=$2
# shellcheck source=base.sh
. "$(dirname "$0")/base.sh"

mkdir "$out/bin"
unpack "$out/servers" docker-registry busybox-static
mv "$out/servers/usr/bin/docker-registry" "$out"/servers/bin/busybox "$out/bin/"
rm -r "$out/servers"
cp "$LAB"/mirror/* "$out"
chmod +x "$out/serve.sh"
"$LAB/apt-repository.sh" "$out" "$bin"
"$LAB/images.sh" "$out" "$bin"
