# The time until a fault of a container machine is in force, with a new SSH connection and with an open one, by turns; and the commands over SSH.
param([int] $Rounds = 5)
$ErrorActionPreference = 'Stop'
& "$PSScriptRoot/../Demo/lab.ps1"
Import-Module ./KubeLab.psd1
. "$PSScriptRoot/measure.ps1"
$lab = 'bench-faults'

# sshd logs each command with this level.
function Get-CommandCount { [int] (docker exec $machine.Name sh -c 'journalctl -u ssh | grep -c "Starting session: command"') }

try {
    $machine = New-KlVm $lab
    docker exec $machine.Name sh -c 'sed -i "1i LogLevel VERBOSE" /etc/ssh/sshd_config && systemctl restart ssh' | Out-Null
    $new, $open, $commands = @(), @(), @()
    foreach ($round in 1..$Rounds) {
        docker exec $machine.Name pkill -f '^sshd: root' | Out-Null
        $new += Measure-Seconds { $machine | Start-KlFault DnsFailure -For 10m }
        $before = Get-CommandCount
        $open += Measure-Seconds { $machine | Start-KlFault DnsFailure -For 10m }
        $commands += (Get-CommandCount) - $before
    }
}
finally { Remove-KlVm $lab -Confirm:$false }
$seconds, $count = (Median $open), (Median $commands)
Write-Result ('A fault is in force after {0:0.00} s with a new connection, {1:0.00} s with an open one (target: at most 0.5 s)' -f (Median $new), $seconds)
Write-Result ('Commands over SSH: {0} (target: at most 2)' -f $count)
if ($seconds -gt 0.5 -or $count -gt 2) { exit 1 }
