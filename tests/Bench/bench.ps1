# ./build.sh bench [NAME...]: runs the comparisons tests/Bench/NAME.ps1. Each measures a ratio in one run. Fails if a target is missed. Default: all but
# databases, which needs a cluster, and porcupine, which needs a checkout of Porcupine.
param([Parameter(ValueFromRemainingArguments)]
    [string[]] $Name = @('pipeline', 'prepared', 'process', 'kubectl', 'openstack', 'load', 'faults', 'transactions', 'push', 'fleet', 'copy'))
$ErrorActionPreference = 'Stop'
$missed = @($Name | Where-Object { $global:LASTEXITCODE = 0; & "$PSScriptRoot/$_.ps1" | Out-Default; $LASTEXITCODE -ne 0 })
if ($missed) { exit 1 }
