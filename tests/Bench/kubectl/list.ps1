# Lists 5,000 unscheduled pods into a variable. kubectl writes them as JSON to /dev/null.
$pod = @'
---
apiVersion: v1
kind: Pod
metadata: {{name: pod-{0}, namespace: bench-list, labels: {{app: web, tier: "{1}"}}, annotations: {{example.org/note: one of many}}}}
spec:
  schedulerName: none
  automountServiceAccountToken: false
  containers:
  - name: web
    image: registry.example.org/web:1
    args: ["--listen", ":8080"]
    env: [{{name: A, value: "1"}}, {{name: B, valueFrom: {{fieldRef: {{fieldPath: metadata.name}}}}}}]
    ports: [{{containerPort: 8080}}]
    readinessProbe: {{httpGet: {{path: /ready, port: 8080}}}}
    resources: {{requests: {{cpu: 10m, memory: 16Mi}}, limits: {{memory: 32Mi}}}}
    volumeMounts: [{{name: cache, mountPath: /cache}}]
  volumes: [{{name: cache, emptyDir: {{}}}}]

'@
$file = "$work/pods.yaml"
[IO.File]::WriteAllText($file, (-join (0..4999 | ForEach-Object { $pod -f $_, ($_ % 7) })))
New-KlNamespace bench-list -Cluster $cluster | Out-Null
Publish-KlManifest $file -Cluster $cluster | Out-Null
$theirs, $peak = [Collections.Generic.List[double]]::new(), [Collections.Generic.List[double]]::new()
$kinds = [ordered] @{ 'Get-KlResource pods' = $null; 'Get-KlPod' = $null }
foreach ($command in @($kinds.Keys)) { $kinds[$command] = @{ Session = [Collections.Generic.List[double]]::new(); First = [Collections.Generic.List[double]]::new(); Fresh = [Collections.Generic.List[double]]::new(); Peak = [Collections.Generic.List[double]]::new() } }
foreach ($round in 0..$Rounds) {
    $run = Measure-Process $kubectl, --context, $context, get, pods, -n, bench-list, -o, json
    $theirs.Add($run.Seconds)
    $peak.Add($run.Peak)
    foreach ($command in $kinds.Keys) {
        $all, $first = $null, $null
        $clock = [Diagnostics.Stopwatch]::StartNew()
        $all = & ([scriptblock]::Create("$command -Namespace bench-list -Cluster $cluster")) | ForEach-Object { if ($null -eq $first) { $first = $clock.Elapsed.TotalSeconds }; $_ }
        if ($all.Count -ne 5000) { throw "$command found $($all.Count) of 5000." }
        if ($round -gt 0) { # The first round runs the command for the first time in this session.
            $kinds[$command].Session.Add($clock.Elapsed.TotalSeconds)
            $kinds[$command].First.Add($first * 1000)
        }
        $run = Measure-Process (Get-ShellCommand "`$all = $command -Namespace bench-list -Cluster $cluster; if (`$all.Count -ne 5000) { throw 'Pods are missing.' }")
        $kinds[$command].Fresh.Add($run.Seconds)
        $kinds[$command].Peak.Add($run.Peak)
    }
}
foreach ($command in $kinds.Keys) {
    $of = $kinds[$command]
    $time, $memory, $first = ((Median $of.Session) / (Median $theirs)), ((Median $of.Peak) / (Median $peak)), (Median $of.First)
    Write-Result ('list 5,000 pods, {0}: {1:0.00} s, kubectl {2:0.00} s: ratio {3:0.00} (target: at most 1); first object after {4:0} ms (200); whole process {5:0} MB, kubectl {6:0} MB: ratio {7:0.00} (0.50); new process {8:0.00} s' -f `
        $command, (Median $of.Session), (Median $theirs), $time, $first, (Median $of.Peak), (Median $peak), $memory, (Median $of.Fresh))
    if ($time -gt 1 -or $first -gt 200 -or $memory -gt 0.5) { "list, $command" }
}
Remove-KlResource namespace bench-list -NoWait -Cluster $cluster -Confirm:$false
