# Applies 500 ConfigMaps from one file. Each run has its own namespace.
$file = "$work/maps.yaml"
[IO.File]::WriteAllText($file, (-join (0..499 | ForEach-Object { "---`napiVersion: v1`nkind: ConfigMap`nmetadata:`n  name: map-$_`ndata:`n  key: `"$_`"`n" })))
$theirs, $ours, $fresh, $again = [Collections.Generic.List[double]]::new(), [Collections.Generic.List[double]]::new(), [Collections.Generic.List[double]]::new(), [Collections.Generic.List[double]]::new()
function In-Namespace([string] $Namespace, [scriptblock] $Run) {
    New-KlNamespace $Namespace -Cluster $cluster | Out-Null
    & $Run
    $count = @(Invoke-Kubectl get configmaps -n $Namespace -o name | Where-Object { $_ -match '/map-' }).Count
    if ($count -ne 500) { throw "$count of 500 ConfigMaps are in $Namespace." }
    Invoke-Kubectl delete namespace $Namespace --wait=false | Out-Null
}
foreach ($round in 0..$Rounds) {
    In-Namespace "bench-a$round" { $ours.Add((Measure-Seconds { Publish-KlManifest $file -Namespace "bench-a$round" -Cluster $cluster })) }
    In-Namespace "bench-b$round" {
        $theirs.Add((Measure-Seconds { Invoke-Kubectl apply --server-side -n "bench-b$round" -f $file }))
        $again.Add((Measure-Seconds { Invoke-Kubectl apply --server-side -n "bench-b$round" -f $file }))
    }
    In-Namespace "bench-c$round" { $fresh.Add((Measure-Process (Get-ShellCommand "Publish-KlManifest '$file' -Namespace bench-c$round -Cluster $cluster")).Seconds) }
}
$first = $ours[0]
$ours.RemoveAt(0)
$ratio = (Median $ours) / (Median $theirs)
Write-Result ('apply 500 ConfigMaps: {0:0.00} s, kubectl {1:0.00} s: ratio {2:0.00} (target: at most 0.50); first {3:0.00} s, new process {4:0.00} s ({5:0.00}); kubectl again {6:0.00} s' -f `
    (Median $ours), (Median $theirs), $ratio, $first, (Median $fresh), ((Median $fresh) / (Median $theirs)), (Median $again))
if ($ratio -gt 0.5) { 'apply' }
