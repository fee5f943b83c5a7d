# Compares the pipeline with the same commands in a parallel shell, on equal machines and in one run: elapsed time and memory.
# Both start with built images and mirrored packages. Fails if a cluster named kubernetes exists.
$ErrorActionPreference = 'Stop'
& "$PSScriptRoot/../Demo/lab.ps1"
Import-Module ./KubeLab.psd1
if (Get-KlVm | Where-Object Lab -EQ kubernetes) { throw 'The benchmark creates and removes a cluster named kubernetes. Remove your cluster of this name first (./build.sh clean).' }
if (-not $env:KUBELAB_MIRROR) { throw 'The benchmark needs the offline lab: set KUBELAB_MIRROR to the value that tests/Lab/lab.sh up prints.' }

# The commands of the parallel shell install Kubernetes on each machine, too.
foreach ($cmdlet in 'New-KlVm', 'Install-KlKubeadm') { $PSDefaultParameterValues["${cmdlet}:NoCache"] = $true }

function Write-Result([string] $Text) { $Host.UI.WriteLine($Text) }
function Measure-Run([scriptblock] $Run) {
    $clock = [Diagnostics.Stopwatch]::StartNew()
    & $Run
    $clock.Elapsed.TotalSeconds
}
function Remove-All { Get-KlVm -Name kubernetes-* | Remove-KlVm -Confirm:$false }

# Builds what both use before the measurement: the node image and the layers of the two images.
New-KlVm -Name kubernetes -Count 1 | Out-Null
Remove-All
'database', 'web' | ForEach-Object { docker build -q "examples/mediawiki/$_" *> $null }

try { $byHand = Measure-Run { & "$PSScriptRoot/by-hand.sh" up; if ($LASTEXITCODE) { throw 'by-hand.sh failed' } } }
finally { & "$PSScriptRoot/by-hand.sh" down }
Write-Result ('by hand   {0,6:0.0} s' -f $byHand)
try { $pipeline = Measure-Run { & ./examples/mediawiki.ps1 | Out-Null } }
finally { Remove-All }
Write-Result ('pipeline  {0,6:0.0} s' -f $pipeline)
$peak = [IO.File]::ReadAllLines('/proc/self/status') | Where-Object { $_ -like 'VmHWM:*' } | ForEach-Object { [int] ($_ -replace '\D') / 1024 }
Write-Result ('pipeline / by hand = {0:0.00} (target: at most 1.15); peak memory of the whole process {1:0} MB (target: under 300)' -f ($pipeline / $byHand), $peak)
if ($pipeline / $byHand -gt 1.15 -or $peak -gt 300) { exit 1 }
