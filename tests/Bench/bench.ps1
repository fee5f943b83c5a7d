# ./build.sh bench [NAME...]: the measured comparisons tests/Bench/NAME.ps1, each a ratio out of one run. Without names: all.
# Fails where a target is missed.
param([Parameter(ValueFromRemainingArguments)] [string[]] $Name = @('pipeline', 'kubectl', 'openstack', 'load'))
$ErrorActionPreference = 'Stop'
$missed = @($Name | Where-Object { $global:LASTEXITCODE = 0; & "$PSScriptRoot/$_.ps1" | Out-Default; $LASTEXITCODE -ne 0 })
if ($missed) { exit 1 }
