# Follows 10 pods that write 10,000 lines. The lines of each pod must be complete and in order.
$pods = 0..9 | ForEach-Object { @"
---
apiVersion: v1
kind: Pod
metadata: {name: lines-$_, namespace: bench-log}
spec:
  restartPolicy: Never
  terminationGracePeriodSeconds: 0
  automountServiceAccountToken: false
  tolerations: [{operator: Exists}]
  containers: [{name: lines, image: "docker.io/library/debian:12", imagePullPolicy: IfNotPresent, command: [bash, -c, "echo ready; until [ -e /go ]; do sleep 0.1; done; for i in {1..1000}; do echo line `$i; done"]}]
"@ }
foreach ($node in Get-KlNode -Cluster $cluster) { docker save debian:12 | docker exec -i $node.Name ctr -n k8s.io images import - | Out-Null }
New-KlNamespace bench-log -Cluster $cluster | Out-Null
# A namespace accepts pods after its service account was created.
$waited = [Diagnostics.Stopwatch]::StartNew()
while (-not (Get-KlResource serviceaccounts default -Namespace bench-log -Cluster $cluster -ErrorAction Ignore)) {
    if ($waited.Elapsed.TotalSeconds -gt 60) { throw 'The namespace bench-log has no service account after 60 s.' }
    [Threading.Thread]::Sleep(50)
}
$pods | Publish-KlManifest -Cluster $cluster | Wait-KlResource -JsonPath '{.status.phase}=Running' | Out-Null
$next, $wrong, $clock = @{}, 0, [Diagnostics.Stopwatch]::new()
Get-KlLog lines-* -Follow -Namespace bench-log -Cluster $cluster | ForEach-Object {
    if ($_.Line -eq 'ready') {
        Invoke-KlPodCommand touch, /go -Name $_.Pod -Namespace bench-log -Cluster $cluster
        $next[$_.Pod] = 1
        $clock.Start()
    }
    elseif ($_.Line -ne "line $($next[$_.Pod])") { $wrong++ }
    else { $next[$_.Pod]++ }
}
$complete = @($next.Values | Where-Object { $_ -eq 1001 }).Count
Write-Result ('follow 10,000 lines of 10 pods: {0} pods complete and in order (target: 10), {1} lines lost or out of order, {2:0.0} s' -f $complete, $wrong, $clock.Elapsed.TotalSeconds)
if ($complete -ne 10 -or $wrong) { 'log' }
Remove-KlResource namespace bench-log -NoWait -Cluster $cluster -Confirm:$false
