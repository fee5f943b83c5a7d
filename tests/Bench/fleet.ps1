# One command on many machines: a new process, without PowerShell's own start, against pdsh, clush, pssh, xargs with ssh, and ansible; and this session
# against xargs with ssh over open connections (ControlMaster). All by turns. Programs that are not installed are not compared. Creates and removes a
# lab named bench.
param([int[]] $Counts = @(4, 32), [int] $Rounds = 5)
$ErrorActionPreference = 'Stop'
& "$PSScriptRoot/../Demo/lab.ps1"
Import-Module ./KubeLab.psd1
. "$PSScriptRoot/measure.ps1"
if (Get-KlVm | Where-Object Lab -EQ bench) { throw 'The benchmark creates and removes a lab named bench. Remove your machines of this name first.' }

# Each machine's name must be in the output.
function Assert-Complete([string] $Output) { foreach ($one in $names) { if ($Output -notmatch "\b$one\b") { throw "There is no output of $one`: $Output" } } }
function Measure-Program([string[]] $Command) {
    $clock = [Diagnostics.Stopwatch]::StartNew()
    $output = "$(& $Command[0] $Command[1..$Command.Length] 2>&1)"
    $seconds = $clock.Elapsed.TotalSeconds
    Assert-Complete $output
    $seconds
}

$work = [IO.Directory]::CreateTempSubdirectory('kubelab-bench-').FullName
try {
    $lab = New-KlVm bench -Count ($Counts | Measure-Object -Maximum).Maximum
    $configuration = New-SshConfiguration $lab $work
    $env:PDSH_SSH_ARGS_APPEND = $env:ANSIBLE_SSH_ARGS = "-F $configuration"
    $shared = '-o', 'ControlMaster=auto', '-o', "ControlPath=$work/%n", '-o', 'ControlPersist=600'
    $peaks = @()
    $missed = foreach ($count in $Counts) {
        $machines = @($lab | Select-Object -First $count)
        $names = @($machines | ForEach-Object Name)
        $list = $names -join ','
        [IO.File]::WriteAllLines("$work/hosts", [string[]] $names)
        $ssh = 'xargs', '-a', "$work/hosts", "-P$count", '-I{}', 'ssh', '-F', $configuration
        $shell = Get-ShellCommand "Get-KlVm $list | Invoke-KlVmCommand hostname | ForEach-Object Machine"
        $ways = [ordered] @{
            pdsh         = 'pdsh', '-R', 'ssh', '-f', "$count", '-w', $list, 'hostname'
            clush        = 'clush', '-f', "$count", '-o', "-F $configuration", '-w', $list, 'hostname'
            pssh         = 'parallel-ssh', '-i', '-p', "$count", '-h', "$work/hosts", '-x', "-F $configuration", 'hostname'
            'xargs ssh'  = $ssh + '{}', 'hostname'
            ansible      = 'ansible', 'all', '-i', "$list,", '-f', "$count", '-m', 'raw', '-a', 'hostname'
        }
        foreach ($one in @($ways.Keys)) { if (-not (Get-Command $ways[$one][0] -CommandType Application -ErrorAction Ignore)) { $ways.Remove($one) } }
        $new, $open = [ordered] @{ KubeLab = @() }, [ordered] @{ KubeLab = @(); ControlMaster = @() }
        foreach ($one in $ways.Keys) { $new[$one] = @() }
        foreach ($round in 0..$Rounds) {
            $start = Measure-Seconds { & $shell[0] $shell[1..($shell.Length - 2)] '1' }
            $seconds = @{ KubeLab = (Measure-Program $shell) - $start }
            foreach ($one in $ways.Keys) { $seconds[$one] = Measure-Program $ways[$one] }
            $again = @{ KubeLab = Measure-Seconds { Assert-Complete "$($machines | Invoke-KlVmCommand hostname | ForEach-Object Machine)" } }
            $again.ControlMaster = Measure-Program ($ssh + $shared + '{}', 'hostname')
            # The first round fills caches and opens the connections.
            if ($round) {
                foreach ($one in $seconds.Keys) { $new[$one] += $seconds[$one] }
                foreach ($one in $again.Keys) { $open[$one] += $again[$one] }
            }
        }
        Write-Comparison "one command on $count machines, new process" $new 1
        Write-Comparison "one command on $count machines, open connections" $open 1
        $peaks += @{ Count = $count; Megabytes = (Measure-Process $shell).Peak }
    }
    $first, $last = $peaks[0], $peaks[-1]
    if ($last.Count -gt $first.Count) {
        $each = ($last.Megabytes - $first.Megabytes) / ($last.Count - $first.Count)
        Write-Result ('memory: {0:0} MB with {1} machines, {2:0.00} MB for each machine more (target: under 1)' -f $last.Megabytes, $last.Count, $each)
        if ($each -ge 1) { $missed = @($missed) + 'memory' }
    }
}
finally {
    foreach ($one in Get-ChildItem $work -Filter bench-*) { ssh -F $configuration -o "ControlPath=$($one.FullName)" -O exit $one.Name *> $null }
    Get-KlVm bench-* | Remove-KlVm -Confirm:$false
    [IO.Directory]::Delete($work, $true)
}
if ($missed) { exit 1 }
