# Partitions the network of each database, and shows what it gives up: consistency or availability.
'MariaDB', 'Galera', 'Redis', 'Etcd' |
    New-KlDatabase -Replicas 3 |
    Test-KlConsistency -Duration 30 -During { $_ | Start-KlFault NetworkPartition -From Minority -For 18s -Wait }
