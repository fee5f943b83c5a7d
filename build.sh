#!/usr/bin/env bash
# ./build.sh demo | test [--fast | --filter NAME] | bench [NAME...] | clean | build | package
set -euo pipefail
cd "$(dirname "$0")"

build() { dotnet msbuild build.proj -m:2 -nr:false -nologo -v:m -tl:off "$@"; }

# Runs a script in the PowerShell that the build restores. The shim of the tool does not forward signals, so it is not used.
run() { exec dotnet "$(dotnet msbuild tests/KubeLab.Tests -getProperty:Pwsh)" -NoProfile -File "$@"; }

case "${1:-}" in
  build) build ;;
  demo) build && run tests/Demo/demo.ps1 ;;
  clean) build && run tests/Demo/clean.ps1 ;;
  package) build && run packaging/package.ps1 ;;
  bench) build && run tests/Bench/bench.ps1 "${@:2}" ;;
  test)
    status=0
    case "${2:-}" in
      '') which=() ;;
      --fast) which=(-p:Fast=true) ;;
      --filter) which=("-p:Filter=${3:?specify a test name or a part of it}") ;;
      *) sed -n '2s/^# //p' "$0"; exit 2 ;;
    esac
    build -t:Test "${which[@]}" || status=$?
    cat TestResults/summary.txt
    exit "$status" ;;
  *) sed -n '2s/^# //p' "$0"; exit 2 ;;
esac
