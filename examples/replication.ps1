# Makes a replica the primary while the network separates it from the old one. The writes that the old primary acknowledged in the meantime are lost.
New-KlDatabase MariaDB -Replicas 3 | Test-KlConsistency -Workload Register, Set -Duration 30 -During {
    $replica = @($_.Members).Where({ -not $_.IsPrimary })[0].Name
    $partition = $_ | Start-KlFault NetworkPartition -From Minority -For 2m
    [Threading.Thread]::Sleep(6000)
    Set-KlDatabase mariadb -Primary $replica -AllowDataLoss
    $partition | Stop-KlFault
    Set-KlDatabase mariadb -Primary $replica -AllowDataLoss
}

# Synchronous replicas lose nothing: while the network separates the primary from them, no write is acknowledged.
New-KlDatabase PostgreSQL -Replicas 3 -Mode Synchronous |
    Test-KlConsistency -Workload Register, Set -Duration 20 -During { $_ | Start-KlFault NetworkPartition -From Minority -For 12s -Wait }
