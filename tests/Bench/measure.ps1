# Functions of the comparisons. kubectl.ps1 defines $kubectl, $context, $cluster, $work and $Rounds.
$memory = Join-Path ($env:XDG_CACHE_HOME ? $env:XDG_CACHE_HOME : "$HOME/.cache") 'kubelab/bench.json'
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

# Runs a program. Its output is shown if it fails.
function Invoke-Program {
    $program, $arguments = $args
    $output = & $program @arguments 2>&1
    if ($LASTEXITCODE) { throw "$args failed: $($output -join "`n")" }
}

# Writes the medians of several ways, with their range, and the ratio of the first to the fastest other one. Compares them with the last run on this
# computer. Returns the description if the target is missed.
function Write-Comparison([string] $What, [Collections.IDictionary] $Seconds, [double] $Target) {
    $medians = [ordered] @{}
    $ranges = @{}
    foreach ($one in $Seconds.Keys) {
        $medians[$one] = Median $Seconds[$one]
        $ranges[$one] = $Seconds[$one] | Measure-Object -Minimum -Maximum
    }
    $first, $others = @($medians.Keys)
    $ratio = $medians[$first] / ($others | ForEach-Object { $medians[$_] } | Measure-Object -Minimum).Minimum
    $times = $medians.Keys | ForEach-Object { '{0} {1:0.00} s ({2:0.00}-{3:0.00})' -f $_, $medians[$_], $ranges[$_].Minimum, $ranges[$_].Maximum }
    $known = (Test-Path $memory) ? (Get-Content $memory -Raw | ConvertFrom-Json -AsHashtable) : @{}
    $before = $known[$What] ? ('; {0:0.00} on {1}' -f $known[$What].Ratio, $known[$What].Date) : ''
    Write-Result ('{0}: {1}; ratio {2:0.00} (target: at most {3}{4})' -f $What, ($times -join ', '), $ratio, $Target, $before)
    $known[$What] = @{ Date = [DateTime]::UtcNow.ToString('yyyy-MM-dd HH:mm'); Ratio = $ratio; Seconds = $medians }
    $null = New-Item (Split-Path $memory) -ItemType Directory -Force
    ConvertTo-Json $known -Depth 4 | Set-Content $memory
    if ($ratio -gt $Target) { $What }
}

# Writes a configuration of OpenSSH's programs with a lab's machines, and returns its path.
function New-SshConfiguration([object[]] $Machine, [string] $Folder) {
    $file = "$Folder/ssh_config"
    $Machine | ForEach-Object {
        "Host $_", "HostName $($_.Ssh.Host)", "Port $($_.Ssh.Port)", "User $($_.Ssh.User)", "IdentityFile $($_.Ssh.IdentityFile)",
        "UserKnownHostsFile $($_.Ssh.KnownHostsFile)", "HostKeyAlias $($_.Ssh.HostKeyAlias)"
    } | Set-Content $file
    'Host *', 'IdentitiesOnly yes', 'BatchMode yes', 'LogLevel ERROR' | Add-Content $file
    $file
}
