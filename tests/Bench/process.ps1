# The first command of a new process: what Import-Module and Get-KlPod add to PowerShell's own start, by turns. A server on the loopback interface
# answers with five pods.
param([int] $Rounds = 9)
$ErrorActionPreference = 'Stop'
. "$PSScriptRoot/measure.ps1"

$work = [IO.Directory]::CreateTempSubdirectory('kubelab-bench-').FullName
$listener = [Net.Sockets.TcpListener]::new([Net.IPAddress]::Loopback, 0)
$listener.Start()
$pods = foreach ($number in 1..5) {
    @{
        metadata = @{ name = "web-$number"; namespace = 'default'; uid = "$number"; creationTimestamp = '2026-01-01T00:00:00Z' }
        spec     = @{ nodeName = 'node'; containers = @(@{ name = 'web'; image = 'web' }) }
        status   = @{ phase = 'Running'; podIP = "10.0.0.$number" }
    }
}
$body = @{ apiVersion = 'v1'; kind = 'PodList'; metadata = @{ resourceVersion = '1' }; items = $pods } | ConvertTo-Json -Depth 9 -Compress
$answer = [Text.Encoding]::ASCII.GetBytes("HTTP/1.1 200 OK`r`nContent-Type: application/json`r`nContent-Length: $($body.Length)`r`nConnection: close`r`n`r`n$body")
$server = Start-ThreadJob {
    while ($client = ($using:listener).AcceptTcpClient()) {
        $stream = $client.GetStream()
        $reader = [IO.StreamReader]::new($stream)
        while ($reader.ReadLine()) { }
        $stream.Write($using:answer)
        $client.Dispose()
    }
}
$mine = $env:KUBECONFIG
try {
    $env:KUBECONFIG = "$work/config"
    $cluster = @{ name = 'bench'; cluster = @{ server = "http://$($listener.LocalEndpoint)" } }
    @{
        apiVersion = 'v1'; kind = 'Config'; 'current-context' = 'bench'; clusters = @($cluster); users = @(@{ name = 'bench'; user = @{} })
        contexts   = @(@{ name = 'bench'; context = @{ cluster = 'bench'; user = 'bench' } })
    } | ConvertTo-Json -Depth 9 | Set-Content $env:KUBECONFIG
    $check = 'if (@(Get-KlPod).Count -ne 5) { throw "The list is not complete." }'
    $shell = Get-ShellCommand ''
    $times = @{ Shell = @(); Import = @(); Command = @() }
    foreach ($round in 0..$Rounds) {
        $all = @{
            Shell = (Measure-Process ($shell[0..($shell.Length - 2)] + '1')).Seconds; Import = (Measure-Process $shell).Seconds
            Command = (Measure-Process (Get-ShellCommand $check)).Seconds
        }
        # The first round fills the caches of the file system.
        if ($round) { foreach ($one in $all.Keys) { $times[$one] += $all[$one] } }
    }
    $start, $import, $command = foreach ($one in 'Shell', 'Import', 'Command') { Median $times[$one] }
    $added = 1000 * ($command - $start)
    Write-Result ('new process, list 5 pods: {0:0.00} s, PowerShell alone {1:0.00} s: ratio {2:0.00}; KubeLab adds {3:0} ms, of it import {4:0} (target: at most 250)' -f `
            $command, $start, ($command / $start), $added, (1000 * ($import - $start)))
    if ($added -gt 250) { exit 1 }
}
finally {
    $env:KUBECONFIG = $mine
    $listener.Stop()
    Remove-Job $server -Force
    Remove-Item $work -Recurse -Force
}
