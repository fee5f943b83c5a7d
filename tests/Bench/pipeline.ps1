# The pipeline against the same commands typed by hand with a parallel shell, on equal machines, in one run: wall time and memory.
# Both start from images that are built and packages that are mirrored. Refuses to run while a cluster called kubernetes exists.
$ErrorActionPreference = 'Stop'
& "$PSScriptRoot/../Demo/lab.ps1"
Import-Module ./KubeLab.psd1
if (Get-KlVm | Where-Object Lab -EQ kubernetes) { throw "The bench makes a cluster called kubernetes and removes it: remove yours first (./build.sh clean)." }
if (-not $env:KUBELAB_MIRROR) { throw 'The bench compares over the offline lab: set KUBELAB_MIRROR to what tests/Lab/lab.sh up prints.' }

function Say([string] $Text) { $Host.UI.WriteLine($Text) }
function Measure-Run([scriptblock] $Run) {
    $clock = [Diagnostics.Stopwatch]::StartNew()
    & $Run
    $clock.Elapsed.TotalSeconds
}
function Remove-All { Get-KlVm -Name kubernetes-* | Remove-KlVm -Confirm:$false }

# Once for what both share: the node image and the layers of the two images.
New-KlVm -Name kubernetes -Count 1 | Out-Null
Remove-All
'database', 'web' | ForEach-Object { docker build -q "examples/mediawiki/$_" *> $null }

try { $byHand = Measure-Run { & "$PSScriptRoot/by-hand.sh" up; if ($LASTEXITCODE) { throw 'by-hand.sh failed' } } }
finally { & "$PSScriptRoot/by-hand.sh" down }
Say ('by hand   {0,6:0.0} s' -f $byHand)
try { $pipeline = Measure-Run { & ./examples/mediawiki.ps1 | Out-Null } }
finally { Remove-All }
Say ('pipeline  {0,6:0.0} s' -f $pipeline)
$peak = [IO.File]::ReadAllLines('/proc/self/status') | Where-Object { $_ -like 'VmHWM:*' } | ForEach-Object { [int] ($_ -replace '\D') / 1024 }
Say ('pipeline / by hand = {0:0.00} (target: at most 1.15); peak memory of the whole process {1:0} MB (target: under 300)' -f ($pipeline / $byHand), $peak)
if ($pipeline / $byHand -gt 1.15 -or $peak -gt 300) { exit 1 }
