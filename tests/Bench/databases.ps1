# Operations a second of ten clients of Test-KlConsistency through port forwards: one server of each engine, on the cluster of the current context, which
# needs a registry. They are reported without a target. Creates databases named bench-ENGINE, and removes them.
param([int] $Seconds = 15)
$ErrorActionPreference = 'Stop'
& "$PSScriptRoot/../Demo/lab.ps1"
Import-Module ./KubeLab.psd1
. "$PSScriptRoot/measure.ps1"

foreach ($engine in 'MariaDB', 'Redis', 'Etcd') {
    $database = New-KlDatabase $engine "bench-$engine".ToLowerInvariant() -Replicas 1
    try {
        $test = $database | Test-KlConsistency -Workload Register -ClientsPerMember 10 -Rate 1000 -Duration $Seconds
        Write-Result ('{0,-8} {1:0} operations/s, linearizable: {2}' -f $engine, $test.OperationsPerSecond, $test.Linearizable)
    }
    finally { $database | Remove-KlDatabase -Confirm:$false }
}
