# The check of transactions that append to lists: time and memory for 100,000 of them, and how both grow from 10,000 on. Each runs in a process of its own.
# "stale" reads make one large cycle of nearly all transactions, which is the worst case for the search.
$ErrorActionPreference = 'Stop'
. "$PSScriptRoot/measure.ps1"

function Measure-Check([int] $Transactions, [bool] $Stale) {
    $command = Get-ShellCommand ("Add-Type -Path ./Module/Dependencies/KubeLab.Engine.dll;" +
        " Add-Type -Path '$PSScriptRoot/transactions/TransactionBench.cs' -ReferencedAssemblies ./Module/Dependencies/KubeLab.Engine.dll," +
        " System.Diagnostics.Process, System.ComponentModel.Primitives, System.Linq, System.Collections, System.Runtime;" +
        " [TransactionBench]::Run($Transactions, `$$Stale) -join ' '")
    $elapsed, $busy, $peak = [double[]] (& $command[0] $command[1..$command.Length]).Split(' ')
    Write-Result ('{0,7} transactions{1}: {2:0.00} s, of the processor {3:0.00} s, peak memory of the process {4:0} MB' -f
        $Transactions, ($Stale ? ', stale reads' : ''), $elapsed, $busy, $peak)
    $elapsed, $busy, $peak
}

$missed = foreach ($stale in $false, $true) {
    $null, $few, $null = Measure-Check 10000 $stale
    $elapsed, $many, $peak = Measure-Check 100000 $stale
    Write-Result ('processor time of 100,000 / 10,000 = {0:0.0} (linear is 10, target: at most 20); targets: under 10 s and 1000 MB' -f ($many / $few))
    $many / $few -gt 20 -or $elapsed -ge 10 -or $peak -ge 1000
}
if ($missed -contains $true) { exit 1 }
