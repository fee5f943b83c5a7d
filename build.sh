#!/usr/bin/env bash
# ./build.sh demo | test [--fast] | bench [NAME...] | clean | build
set -euo pipefail
cd "$(dirname "$0")"

build() { dotnet msbuild build.proj -m:2 -nr:false -nologo -v:m -tl:off "$@"; }

run() { # a script in PowerShell, or where there is none in its engine
  if command -v pwsh >/dev/null; then exec pwsh -NoProfile -File "$@"; fi
  exec dotnet tests/KubeLab.Host/bin/Release/net10.0/KubeLab.Host.dll "$@"
}

case "${1:-}" in
  build) build ;;
  demo) build && run tests/Demo/demo.ps1 ;;
  clean) build && run tests/Demo/clean.ps1 ;;
  bench) build && run tests/Bench/bench.ps1 "${@:2}" ;;
  test)
    status=0
    fast=false
    [[ ${2:-} == --fast ]] && fast=true
    build -t:Test -p:Fast=$fast || status=$?
    cat TestResults/summary.txt
    exit "$status" ;;
  *) sed -n '2s/^# //p' "$0"; exit 2 ;;
esac
