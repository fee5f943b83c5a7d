#!/usr/bin/env bash
# Installs missing programs that tests use, from Debian packages. `./build.sh test` without --fast runs this script first.
# If it cannot install them, the tests that need them are skipped with a message.
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
chromium chromium
END
if [[ $EUID == 0 ]] && command -v apt-get >/dev/null; then install "${packages[@]}"; fi
