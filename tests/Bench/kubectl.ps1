# The module at its prompt against kubectl on the same cluster, in one run and by turns: applying, listing, waiting, following logs.
# Makes a cluster called bench and removes it; KUBELAB_BENCH_CLUSTER names one that is there (and stays). KUBECTL names a kubectl; otherwise
# the one of the PATH, or the cluster's own. kubectl is timed with its process, for that is how it is used; the module in a session that has run the
# command before, in one that has not ("first"), and with a process of its own ("new process").
param([string[]] $Part = @('apply', 'list', 'wait', 'log'), [int] $Rounds = 5)
$ErrorActionPreference = 'Stop'
& "$PSScriptRoot/../Demo/lab.ps1"
Import-Module ./KubeLab.psd1
. "$PSScriptRoot/kubectl/measure.ps1"

$cluster = $env:KUBELAB_BENCH_CLUSTER
$work = [IO.Directory]::CreateTempSubdirectory('kubelab-bench-').FullName
try {
    if (-not $cluster) {
        if (Get-KlVm | Where-Object Lab -EQ bench) { throw 'The bench makes a cluster called bench and removes it: remove yours first.' }
        $made = New-KlVm -Name bench -Count 1
        $made | Install-KlKubeadm | Initialize-KlCluster | Out-Null
        $cluster = 'bench'
    }
    $context = (Get-KlCluster $cluster).Context
    $kubectl = $env:KUBECTL ?? (Get-Command kubectl -CommandType Application -ErrorAction Ignore)[0].Source
    if (-not $kubectl) { docker cp -q "$cluster-1:/usr/bin/kubectl" ($kubectl = "$work/kubectl") }
    Say "$(@(& $kubectl version --client 2>$null)[0]) against $(@(Get-KlNode -Cluster $cluster)[0].Version)"
    $missed = foreach ($one in $Part) { & "$PSScriptRoot/kubectl/$one.ps1" }
    $missed = @($missed | Where-Object { $_ })
    foreach ($one in $missed) { Say "MISSED: $one" }
}
finally {
    if ($made) { $made | Remove-KlVm -Confirm:$false }
    [IO.Directory]::Delete($work, $true)
}
if ($missed) { exit 1 }
