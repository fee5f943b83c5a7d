#!/usr/bin/env bash
# The programs that tests use beside a lab, installed from Debian's packages where they are missing: what `./build.sh test` without
# --fast calls first. Where that cannot be, the tests that need them are skipped and say so.
set -euo pipefail
. "$(dirname "$0")/base.sh"
packages=(python3-openstacksdk)
while read -r program package; do
    [[ -n $(PATH=$PATH:/usr/sbin type -P "$program") ]] || packages+=("$package")
done <<'END'
ssh openssh-client
sshd openssh-server
sudo sudo
zsh zsh
fish fish
tcsh tcsh
git-shell git
shellcheck shellcheck
kubectl kubernetes-client
END
if [[ $EUID == 0 ]] && command -v apt-get >/dev/null; then install "${packages[@]}"; fi
