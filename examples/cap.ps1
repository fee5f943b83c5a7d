# Partitions the network of each database, and shows what it gives up: consistency or availability. The report is cap.html in the current folder.
'MariaDB', 'Galera', 'Redis', 'Etcd' |
    New-KlDatabase -Replicas 3 |
    Test-KlConsistency -Duration 28 -During { $_ | Start-KlFault NetworkPartition -From Minority -For 18s -Wait } |
    Export-KlReport cap.html -PassThru
