# Functions of the comparisons. kubectl.ps1 defines $kubectl, $context, $cluster, $work and $Rounds.
function Write-Result([string] $Text) { $Host.UI.WriteLine($Text) }
function Invoke-Kubectl { & $kubectl --context $context @args; if ($LASTEXITCODE) { throw "kubectl $args failed" } }
function Median([double[]] $Of) { [Array]::Sort($Of); $Of[[Math]::Floor($Of.Count / 2)] }
function Measure-Seconds([scriptblock] $Run) {
    $clock = [Diagnostics.Stopwatch]::StartNew()
    & $Run | Out-Null
    $clock.Elapsed.TotalSeconds
}

# Measures the elapsed time and the peak memory of a program. Its output is discarded.
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

# The command line that runs a command of the module in a new process of this shell's program.
function Get-ShellCommand([string] $Command) {
    $shell = if ([Environment]::ProcessPath.EndsWith('dotnet')) { [Environment]::ProcessPath, [Environment]::GetCommandLineArgs()[0] } else { , [Environment]::ProcessPath }
    @($shell) + '-NoProfile', '-Command', "`$ErrorActionPreference = 'Stop'; Import-Module ./KubeLab.psd1; $Command"
}
