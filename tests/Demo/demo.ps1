# Installs missing prerequisites, runs examples/mediawiki.ps1 unchanged and checks the result.
$ErrorActionPreference = 'Stop'
$clock = [Diagnostics.Stopwatch]::StartNew()
$began = [DateTimeOffset]::UtcNow
$web = [Net.Http.HttpClient]::new()
$web.DefaultRequestHeaders.ConnectionClose = $true # a persistent connection would always reach the same replica
# Old kube-proxies open a node port before they route it, and never respond to a connection made in between.
$web.Timeout = [TimeSpan]::FromSeconds(20)

function Say([string] $Text) { $Host.UI.WriteLine($Text) }

function Wait-Until([string] $What, [int] $Seconds, [scriptblock] $Look) {
    $left = [Diagnostics.Stopwatch]::StartNew()
    for (;;) {
        $seen = try { & $Look } catch { $last = $_; $null }
        if ($seen) { return $seen }
        if ($left.Elapsed.TotalSeconds -gt $Seconds) { throw "Waited $Seconds s for $What. $last" }
        [Threading.Thread]::Sleep(500)
    }
}

function Invoke-Wiki([string] $Url, [hashtable] $Query) {
    $form = [Collections.Generic.Dictionary[string, string]]::new()
    $Query.GetEnumerator() | ForEach-Object { $form[$_.Key] = [string] $_.Value }
    $form['format'] = 'json'
    $form['formatversion'] = '2'
    $form['servedby'] = '1'
    $answer = $web.PostAsync("$($Url.TrimEnd('/'))/api.php", [Net.Http.FormUrlEncodedContent]::new($form)).GetAwaiter().GetResult()
    [void] $answer.EnsureSuccessStatusCode()
    , [Text.Json.Nodes.JsonNode]::Parse($answer.Content.ReadAsStringAsync().GetAwaiter().GetResult())
}

function Read-Proof([string] $Url) {
    $answer = Invoke-Wiki $Url @{ action = 'query'; titles = 'Proof'; prop = 'revisions'; rvprop = 'content'; rvslots = 'main' }
    $page = $answer['query']['pages'][0]
    [pscustomobject]@{
        Replica = [string] $answer['servedby']
        Text    = if ($page['revisions']) { [string] $page['revisions'][0]['slots']['main']['content'] }
    }
}

# Uses the public repositories if they are reachable, otherwise the mirror of the offline lab.
& "$PSScriptRoot/lab.ps1"
Import-Module ./KubeLab.psd1
Say ('Ready to start after {0:0.0} s{1}' -f $clock.Elapsed.TotalSeconds, $(if ($env:KUBELAB_MIRROR) { ", mirror $env:KUBELAB_MIRROR" }))

$services = @()
$stages = @()
& ./examples/mediawiki.ps1 6>&1 | ForEach-Object {
    if ($_ -isnot [Management.Automation.InformationRecord]) { $services += $_; $_ }
    elseif ($_.Tags -contains 'KubeLab.Stage') { $stages += $_.MessageData }
    elseif ($_.Tags -contains 'KubeLab.Changed') {
        Say ('{0,7:0.0} s  {1}: {2}' -f ($_.MessageData.Time - $began).TotalSeconds, $_.MessageData.Target, $_.MessageData.Message)
    }
} | Out-Default

$wiki = $services | Where-Object Name -EQ web
if (-not $wiki -or $wiki.Urls.Count -ne 4) { throw "The pipeline did not return a service with the URLs of four nodes: $services" }

foreach ($url in $wiki.Urls) {
    $page = Wait-Until "$url to respond" 60 { $web.GetStringAsync($url).GetAwaiter().GetResult() }
    if ($page -notmatch '<title>([^<]*KubeLab Wiki[^<]*)</title>') { throw "$url returned status 200 without the wiki's title." }
    Say "200 $url  $($Matches[1])"
}

if (-not (Read-Proof $wiki.Urls[0]).Text) {
    $proof = [guid]::NewGuid().ToString()
    $edit = Invoke-Wiki $wiki.Urls[0] @{ action = 'edit'; title = 'Proof'; text = $proof; token = '+\' }
    if ([string] $edit['edit']['result'] -ne 'Success') { throw "The wiki rejected the edit: $edit" }
    $other = Wait-Until 'another replica to return the edit' 60 {
        $read = Read-Proof $wiki.Urls[1]
        if ($read.Text -eq $proof -and $read.Replica -ne [string] $edit['servedby']) { $read }
    }
    Say "Edited through $($edit['servedby']), read back from $($other.Replica)."

    $before = Get-KlPod -Name database* -Cluster kubernetes
    Get-KlVm -Name kubernetes-1 |
        Invoke-KlVmCommand -Command "kubectl --kubeconfig /etc/kubernetes/admin.conf delete pod $($before.Name) --wait=false" | Out-Null
    [void] (Wait-Until "a database pod after $($before.Name)" 300 {
        Get-KlPod -Name database* -Cluster kubernetes | Where-Object { $_.Name -ne $before.Name -and $_.Ready -eq '1/1' }
    })
    [void] (Wait-Until 'the page to be available again' 120 { (Read-Proof $wiki.Urls[2]).Text -eq $proof })
    Say "Deleted $($before.Name); its replacement has the same page."
}

$changes = 0
$stages | ForEach-Object { Say "  $_"; $changes += $_.Changes }
Say $(if ($changes) { "$changes changes." } else { 'Nothing changed: everything already existed.' })
Say ('{0} after {1:0.0} s' -f $wiki.Urls[0], $clock.Elapsed.TotalSeconds)
