# Separates the primary of one shard from its replica: that shard loses writes, and the others are not affected.
New-KlDatabase Redis shards -Shards 3 -Replicas 1 |
    Test-KlConsistency -Workload Register, Set -Duration 25 -During { $_ | Start-KlFault NetworkPartition -From Minority -For 15s -Wait }

# Adds a shard, and moves slots to it while clients write. Nothing is lost.
Get-KlDatabase shards | Test-KlConsistency -Workload Register, Set -Duration 15 -During { Set-KlDatabase shards -Shards 4 }
