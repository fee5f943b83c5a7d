# Removes what the demo created: machines with their volumes and networks, kubeconfig entries, the lab's mirror, and a Docker engine that it started.
$ErrorActionPreference = 'Stop'
Import-Module ./KubeLab.psd1
docker info *> $null
if ($LASTEXITCODE -eq 0) {
    Get-KlVm -Provider Docker | Remove-KlVm -Confirm:$false -Verbose
}
if (-not $IsWindows) { & "$PSScriptRoot/../Lab/lab.sh" down }
