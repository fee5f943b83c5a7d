# What the parts share: $kubectl, $context, $cluster, $work and $Rounds are kubectl.ps1's.
function Say([string] $Text) { $Host.UI.WriteLine($Text) }
function Invoke-Kubectl { & $kubectl --context $context @args; if ($LASTEXITCODE) { throw "kubectl $args failed" } }
function Median([double[]] $Of) { [Array]::Sort($Of); $Of[[Math]::Floor($Of.Count / 2)] }
function Measure-Seconds([scriptblock] $Run) {
    $clock = [Diagnostics.Stopwatch]::StartNew()
    & $Run | Out-Null
    $clock.Elapsed.TotalSeconds
}

# A program's wall time and the peak of its memory; what it prints goes nowhere.
function Measure-Process([string[]] $Command) {
    $start = [Diagnostics.ProcessStartInfo]::new('/bin/bash')
    foreach ($one in @('-c', 'exec "$@" >/dev/null', 'bash') + $Command) { $start.ArgumentList.Add($one) }
    $clock = [Diagnostics.Stopwatch]::StartNew()
    $process = [Diagnostics.Process]::Start($start)
    $peak = 0
    while (-not $process.WaitForExit(5)) {
        try { foreach ($line in [IO.File]::ReadAllLines("/proc/$($process.Id)/status")) { if ($line.StartsWith('VmHWM:')) { $peak = [int] ($line -replace '\D') / 1024 } } } catch [IO.IOException] { }
    }
    if ($process.ExitCode) { throw "$Command failed" }
    [pscustomobject] @{ Seconds = $clock.Elapsed.TotalSeconds; Peak = $peak }
}

# A command of the module in a shell of its own: this one's kind.
function Get-ShellCommand([string] $Command) {
    $shell = if ([Environment]::ProcessPath.EndsWith('dotnet')) { [Environment]::ProcessPath, [Environment]::GetCommandLineArgs()[0] } else { , [Environment]::ProcessPath }
    @($shell) + '-NoProfile', '-Command', "`$ErrorActionPreference = 'Stop'; Import-Module ./KubeLab.psd1; $Command"
}
