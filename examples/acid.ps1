# Shows what ACID promises on one server: serializable transactions, the anomalies of a weaker level, and writes that survive a crash.
$server = New-KlDatabase MariaDB acid
$server | Test-KlConsistency -Workload Bank, ListAppend -Isolation serializable -Duration 10
$server | Test-KlConsistency -Workload Bank, ListAppend -Isolation read-committed -Duration 10
$server | Test-KlConsistency -Workload Register, Set -Duration 15 -During { Get-KlPod acid-0 | Start-KlFault ContainerKill -Wait }

# The same promise of another engine, which keeps it without locks.
New-KlDatabase PostgreSQL acid-postgresql | Test-KlConsistency -Workload Bank, ListAppend -Isolation serializable -Duration 10
