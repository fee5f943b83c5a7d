# Compares the module with kubectl on one cluster, in turn and in one run: apply, list, wait, follow logs.
# Creates a cluster named bench and removes it. KUBELAB_BENCH_CLUSTER selects an existing cluster, which is kept. KUBECTL selects a kubectl.
# Default: the kubectl in the PATH, otherwise the cluster's own. The time of kubectl includes starting its process, as in normal use. The module is
# measured in a session that has run the command before, in one that has not ("first"), and including its own process ("new process").
param([string[]] $Part = @('apply', 'list', 'wait', 'log'), [int] $Rounds = 5)
$ErrorActionPreference = 'Stop'
& "$PSScriptRoot/../Demo/lab.ps1"
Import-Module ./KubeLab.psd1
. "$PSScriptRoot/measure.ps1"

$cluster = $env:KUBELAB_BENCH_CLUSTER
$work = [IO.Directory]::CreateTempSubdirectory('kubelab-bench-').FullName
try {
    if (-not $cluster) {
        if (Get-KlVm | Where-Object Lab -EQ bench) { throw 'The benchmark creates and removes a cluster named bench. Remove your cluster of this name first.' }
        $made = New-KlVm -Name bench -Count 1
        $made | Install-KlKubeadm | Initialize-KlCluster | Out-Null
        $cluster = 'bench'
    }
    $context = (Get-KlCluster $cluster).Context
    $kubectl = $env:KUBECTL ?? (Get-Command kubectl -CommandType Application -ErrorAction Ignore)[0].Source
    if (-not $kubectl) { docker cp -q "$cluster-1:/usr/bin/kubectl" ($kubectl = "$work/kubectl") }
    Write-Result "$(@(& $kubectl version --client 2>$null)[0]) against $(@(Get-KlNode -Cluster $cluster)[0].Version)"
    $missed = foreach ($one in $Part) { & "$PSScriptRoot/kubectl/$one.ps1" }
    $missed = @($missed | Where-Object { $_ })
    foreach ($one in $missed) { Write-Result "MISSED: $one" }
}
finally {
    if ($made) { $made | Remove-KlVm -Confirm:$false }
    [IO.Directory]::Delete($work, $true)
}
if ($missed) { exit 1 }
