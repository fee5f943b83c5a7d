# The histories of etcd and of a key-value store that belong to Porcupine: the verdicts, and the time compared with Porcupine's.
$ErrorActionPreference = 'Stop'
Import-Module ./KubeLab.psd1
. "$PSScriptRoot/measure.ps1"
if (-not $env:PORCUPINE -or -not (Test-Path "$env:PORCUPINE/porcupine.test")) { throw 'Set PORCUPINE to a checkout of Porcupine in which "go test -c" was run.' }
$expected = @{}
foreach ($line in [regex]::Matches((Get-Content "$env:PORCUPINE/porcupine_test.go" -Raw), 'checkJepsen\(t, (\d+), (true|false)\)')) {
    $expected["etcd_{0:000}.log" -f [int] $line.Groups[1].Value] = $line.Groups[2].Value
}
foreach ($file in Get-ChildItem "$env:PORCUPINE/test_data/kv/*.txt") { $expected[$file.Name] = "$($file.Name -like '*-ok.txt')" }
$histories = Get-ChildItem "$env:PORCUPINE/test_data/jepsen", "$env:PORCUPINE/test_data/kv" -File | Where-Object { $expected.ContainsKey($_.Name) }

function Get-Verdict {
    foreach ($file in $histories) {
        $test = Test-KlConsistency -History $file.FullName -Model ($file.Extension -eq '.log' ? 'CasRegister' : 'KeyValue')
        [pscustomobject] @{ Name = $file.Name; Verdict = "$($test.Linearizable)" }
    }
}
$wrong = @(Get-Verdict | Where-Object { $_.Verdict -ne $expected[$_.Name] })
Write-Result "$($histories.Count) histories of Porcupine, $($wrong.Count) with another verdict: $($wrong.Name)"

$own, $theirs = @(), @()
foreach ($round in 1..5) {
    $own += Measure-Seconds { Get-Verdict }
    $theirs += (Measure-Process 'env', '-C', $env:PORCUPINE, './porcupine.test', '-test.run', '^Test(EtcdJepsen|Kv[0-9])').Seconds
}
$ratio = (Median $own) / (Median $theirs)
Write-Result ('read and judged, warm, median of 5: {0:0.000} s, Porcupine {1:0.000} s, ratio {2:0.00} (target: at most 1.0)' -f (Median $own), (Median $theirs), $ratio)
if ($wrong -or $ratio -gt 1) { exit 1 }
