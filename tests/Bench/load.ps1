# Measure-KlAvailability against hey at the same rate, by turns, with each client on one core and nginx on another one, over the loopback interface only.
# nginx's own log shows how precisely requests left. Debian: apt-get install hey nginx-light.
param([double] $Rate = 5000, [int] $Seconds = 5, [int] $Rounds = 3)
$ErrorActionPreference = 'Stop'
. "$PSScriptRoot/measure.ps1"
foreach ($program in 'hey', 'nginx', 'taskset') {
    if (-not (Get-Command $program -CommandType Application -ErrorAction Ignore)) { throw "$program was not found. Install the packages hey and nginx-light." }
}

function Start-Server {
    [IO.File]::Delete("$work/times")
    [IO.File]::Delete("$work/pid")
    $server = Start-Process taskset '-c', ([Environment]::ProcessorCount - 1), nginx, '-c', "$work/nginx.conf", '-e', "$work/errors" -PassThru
    while (-not [IO.File]::Exists("$work/pid")) { [Threading.Thread]::Sleep(20) }
    $server
}

function Stop-Server {
    kill $server.Id
    $server.WaitForExit()
}

# Successful requests, failed requests and p99 in a process that has one core. It sends requests for some seconds before: .NET compiles at run time.
function Measure-KubeLab([double] $Rate, [int] $WarmUp) {
    $command = Get-ShellCommand ("if ($WarmUp) { `$null = Measure-KlAvailability http://$address/ -Rate $Rate -Duration $WarmUp };" +
        " `$result = Measure-KlAvailability http://$address/ -Rate $Rate -Duration $Seconds;" +
        " '{0} {1} {2}' -f `$result.Succeeded, `$result.Failed, `$result.Latency.P99")
    [double[]] @((taskset -c 0 @command).Split(' '))
}

# The p99 of the milliseconds by which requests left after their appointed times. The most punctual one defines the start.
function Get-Delay([double] $Rate) {
    $times = [double[]] @([IO.File]::ReadLines("$work/times") | Select-Object -Last ($Rate * $Seconds) | ForEach-Object { 1000 * $_ })
    [Array]::Sort($times)
    $delays = [double[]] @(for ($at = 0; $at -lt $times.Length; $at++) { $times[$at] - 1000 * $at / $Rate })
    [Array]::Sort($delays)
    $delays[[Math]::Floor(0.99 * $delays.Length)] - $delays[0]
}

$work = [IO.Directory]::CreateTempSubdirectory('kubelab-bench-').FullName
try {
    $listener = [Net.Sockets.TcpListener]::new([Net.IPAddress]::Loopback, 0)
    $listener.Start()
    $address = "$($listener.LocalEndpoint)"
    $listener.Stop()
    [IO.File]::WriteAllText("$work/nginx.conf", @"
daemon off; master_process off; pid $work/pid; error_log $work/errors;
events { worker_connections 20000; }
http {
  log_format times '`$msec'; access_log $work/times times buffer=1m; keepalive_requests 100000000;
  client_body_temp_path $work/t1; proxy_temp_path $work/t2; fastcgi_temp_path $work/t3; uwsgi_temp_path $work/t4; scgi_temp_path $work/t5;
  server { listen $address; location / { return 200 'ok'; } }
}
"@)
    $server = Start-Server
    $measured = foreach ($round in 1..$Rounds) {
        $text = "$(taskset -c 0 hey -z "${Seconds}s" -c 50 -q ($Rate / 50) "http://$address/")"
        $sent, $hey = 'Requests/sec:\s+([0-9.]+)', '99%+ in ([0-9.]+) secs' | ForEach-Object { [double] [regex]::Match($text, $_).Groups[1].Value }
        $succeeded, $failed, $p99 = Measure-KubeLab $Rate 3
        Write-Result ('hey {0:0} requests/s, p99 {1:0.00} ms; KubeLab {2:0} requests/s, p99 {3:0.00} ms, {4} failed' -f
            $sent, (1000 * $hey), ($succeeded / $Seconds), $p99, $failed)
        [pscustomobject] @{ Hey = 1000 * $hey; KubeLab = $p99; Failed = $failed }
    }
    $added = (Median $measured.KubeLab) - (Median $measured.Hey)

    Stop-Server
    $server = Start-Server
    $null = Measure-KubeLab 1000 3
    Stop-Server
    $late = Get-Delay 1000
    Write-Result ('p99 of KubeLab - p99 of hey = {0:0.00} ms at {1}/s (target: at most 1)' -f $added, $Rate)
    Write-Result ('p99 of the delays at 1000/s = {0:0.00} ms (target: under 2)' -f $late)
    if ($added -gt 1 -or $late -ge 2 -or $measured.Failed -gt 0) { exit 1 }
}
finally {
    if ($server -and -not $server.HasExited) { Stop-Server }
    [IO.Directory]::Delete($work, $true)
}
