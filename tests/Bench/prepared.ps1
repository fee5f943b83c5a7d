# Machines with Kubernetes installed, and Ready nodes: created from a prepared image, against -NoCache, by turns.
param([int] $Count = 4, [int] $Rounds = 3)
$ErrorActionPreference = 'Stop'
& "$PSScriptRoot/../Demo/lab.ps1"
Import-Module ./KubeLab.psd1
. "$PSScriptRoot/measure.ps1"
$lab = 'bench-prepared'

# Returns the seconds until the machines exist, Kubernetes is installed, and all nodes are Ready.
function Measure-Cluster([switch] $NoCache) {
    try {
        $clock = [Diagnostics.Stopwatch]::StartNew()
        $machines = New-KlVm $lab -Count $Count -NoCache:$NoCache
        $created = $clock.Elapsed.TotalSeconds
        $null = $machines | Install-KlKubeadm -NoCache
        $installed = $clock.Elapsed.TotalSeconds
        $null = $machines | Initialize-KlCluster | Join-KlNode
        [pscustomobject] @{ Created = $created; Installed = $installed; Ready = $clock.Elapsed.TotalSeconds }
    }
    finally { Remove-KlVm $lab -Confirm:$false }
}

# Prepares the image. A machine keeps the preparation from ending with the last machine.
try {
    New-KlVm $lab | Install-KlKubeadm | Out-Null
    $limit = [Diagnostics.Stopwatch]::StartNew()
    while ((docker ps -q --filter label=org.kubelab=preparing) -and $limit.Elapsed.TotalMinutes -lt 10) { [Threading.Thread]::Sleep(500) }
    if (-not (Get-KlMachineImage)) { throw 'No image was prepared.' }
}
finally { Remove-KlVm $lab -Confirm:$false }
$with, $without = @(), @()
foreach ($round in 1..$Rounds) {
    $without += Measure-Cluster -NoCache
    $with += Measure-Cluster
}
foreach ($what in 'Created', 'Installed', 'Ready') {
    $one, $other = (Median $with.$what), (Median $without.$what)
    Write-Result ('{0,-9} {1,6:0.0} s from a prepared image, {2,6:0.0} s without: ratio {3:0.00}' -f $what, $one, $other, ($one / $other))
}
$ratio = (Median $with.Ready) / (Median $without.Ready)
Write-Result ('{0} Ready nodes: ratio {1:0.00} (target: at most 0.85)' -f $Count, $ratio)
if ($ratio -gt 0.85) { exit 1 }
