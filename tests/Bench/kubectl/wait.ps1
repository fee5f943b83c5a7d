# Measures the time from when a Deployment is available until the waiting command returns. kubectl and the module wait for the same Deployment at the
# same time. Another process, kubectl get --watch, records when the API server reported it. No kubelet runs the pod: this script writes its status.
$deployment = @'
apiVersion: apps/v1
kind: Deployment
metadata: {{name: {0}, namespace: bench-wait}}
spec:
  selector: {{matchLabels: {{app: {0}}}}}
  template:
    metadata: {{labels: {{app: {0}}}}}
    spec: {{schedulerName: none, automountServiceAccountToken: false, containers: [{{name: web, image: registry.example.org/web:1}}]}}
'@
$script = @'
watch() { "$KUBECTL" --context "$CONTEXT" -n bench-wait "$@"; }
cd "$DIR"
watch get deployment "$NAME" --watch -o 'jsonpath={.status.availableReplicas}{"\n"}' | while read -r line; do [ "$line" = 1 ] && { echo "$EPOCHREALTIME" >seen; break; }; done &
{ watch rollout status deployment "$NAME" >waiting; echo "$EPOCHREALTIME" >theirs; } &
until [ -s waiting ]; do sleep 0.02; done
touch both
until [ -e go ]; do sleep 0.02; done
watch replace --raw "/api/v1/namespaces/bench-wait/pods/$(cat pod)/status" -f status.json >/dev/null
until [ -s seen ] && [ -s theirs ]; do sleep 0.02; done
'@
New-KlNamespace bench-wait -Cluster $cluster | Out-Null
$commands = [ordered] @{ 'Get-KlRollout -Wait' = { param($Name) Get-KlRollout $Name -Wait -Namespace bench-wait -Cluster $cluster -Verbose 4>&1 }; 'Wait-KlResource' = { param($Name) Wait-KlResource deployment $Name -Condition Available -Namespace bench-wait -Cluster $cluster -Verbose 4>&1 } }
foreach ($command in $commands.Keys) {
    $theirs, $ours = [Collections.Generic.List[double]]::new(), [Collections.Generic.List[double]]::new()
    foreach ($round in 0..$Rounds) {
        $name = "$($command.Split('-')[0].ToLowerInvariant())-$round"
        $folder = [IO.Directory]::CreateDirectory("$work/$name").FullName
        $deployment -f $name | Publish-KlManifest -Cluster $cluster | Out-Null
        while (-not ($pod = Get-KlPod "$name-*" -Namespace bench-wait -Cluster $cluster)) { [Threading.Thread]::Sleep(50) }
        $status = [Text.Json.Nodes.JsonNode]::Parse("$(Invoke-Kubectl get --raw "/api/v1/namespaces/bench-wait/pods/$($pod.Name)")")
        $status['status'] = [Text.Json.Nodes.JsonNode]::Parse('{"phase":"Running","conditions":[{"type":"Ready","status":"True","lastTransitionTime":"2026-01-01T00:00:00Z"}]}')
        [IO.File]::WriteAllText("$folder/pod", $pod.Name)
        [IO.File]::WriteAllText("$folder/status.json", $status.ToJsonString())
        $start = [Diagnostics.ProcessStartInfo]::new('/bin/bash')
        $start.ArgumentList.Add('-c')
        $start.ArgumentList.Add($script)
        foreach ($pair in @{ KUBECTL = $kubectl; CONTEXT = $context; DIR = $folder; NAME = $name }.GetEnumerator()) { $start.Environment[$pair.Key] = $pair.Value }
        $beside = [Diagnostics.Process]::Start($start)
        while (-not [IO.File]::Exists("$folder/both")) { [Threading.Thread]::Sleep(20) }
        # A verbose message shows that the command is waiting.
        & $commands[$command] $name | ForEach-Object { if ($_ -is [Management.Automation.VerboseRecord]) { [IO.File]::WriteAllText("$folder/go", '') } }
        $returned = ([DateTime]::UtcNow - [DateTime]::UnixEpoch).TotalSeconds
        $beside.WaitForExit()
        $seen = [double] [IO.File]::ReadAllText("$folder/seen").Trim()
        if ($round -gt 0) { # The first round runs the command for the first time in this session.
            $ours.Add(1000 * ($returned - $seen))
            $theirs.Add(1000 * ([double] [IO.File]::ReadAllText("$folder/theirs").Trim() - $seen))
        }
    }
    Write-Result ('from available to returned, {0}: {1:0} ms, kubectl rollout status {2:0} ms (target: at most that); each {3} | {4}' -f $command, (Median $ours), (Median $theirs),
        (($ours | ForEach-Object { '{0:0}' -f $_ }) -join ' '), (($theirs | ForEach-Object { '{0:0}' -f $_ }) -join ' '))
    if ((Median $ours) -gt (Median $theirs)) { "wait, $command" }
}
Remove-KlResource namespace bench-wait -NoWait -Cluster $cluster -Confirm:$false
