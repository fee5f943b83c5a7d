# Separates the primary of one shard from its replica: that shard loses writes, and the others are not affected.
New-KlDatabase Redis shards -Shards 3 -Replicas 1 |
    Test-KlConsistency -Workload Register, Set -Duration 25 -During { $_ | Start-KlFault NetworkPartition -From Minority -For 15s -Wait }

# Pauses both members of a shard: its share of the keys is not answered, and all others are.
Get-KlDatabase shards | Test-KlConsistency -Workload Register, Set -Duration 15 -Timeout 2 -During {
    $down = $_.Shards[0]
    @($down.Primary) + $down.Replicas | Get-KlPod | Start-KlFault ContainerPause -For 8s -Wait
}

# Adds a shard, and moves slots to it while clients write. Nothing is lost.
Get-KlDatabase shards | Test-KlConsistency -Workload Register, Set -Duration 15 -During { Set-KlDatabase shards -Shards 4 }
