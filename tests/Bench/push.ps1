# Publish-KlImage against docker push and, if it is installed, skopeo, by turns: a new image of 300 MB, the same image with one changed layer of 1 MB,
# and without changes. Each round has new content. Before, KubeLab's first image of the new registry is measured. docker push needs the registry's
# certificate in /etc/docker/certs.d during the run. Creates and removes a cluster of one node named bench.
param([int] $Rounds = 3)
$ErrorActionPreference = 'Stop'
& "$PSScriptRoot/../Demo/lab.ps1"
Import-Module ./KubeLab.psd1
. "$PSScriptRoot/measure.ps1"
if (Get-KlVm | Where-Object Lab -EQ bench) { throw 'The benchmark creates and removes a cluster named bench. Remove your machines of this name first.' }

function Build-Image { Invoke-Program docker build --label org.kubelab.bench=push --tag $image "$work/image" }
function Write-Random([string] $File, [int] $Megabytes) { Invoke-Program bash -c 'head -c "$2"M /dev/urandom >"$1"' bash "$work/image/$File" $Megabytes }

$work = [IO.Directory]::CreateTempSubdirectory('kubelab-bench-').FullName
$image = 'kubelab-bench-push:latest'
$tools = @('KubeLab', 'docker push') + @(Get-Command skopeo -CommandType Application -ErrorAction Ignore | Select-Object -First 1 | ForEach-Object { 'skopeo' })
if ($tools.Count -eq 2) { Write-Result 'skopeo is not installed and is not compared.' }
try {
    $registry = New-KlVm bench -Count 1 | Install-KlKubeadm | Initialize-KlCluster | New-KlRegistry
    $secret = ($registry.Cluster | Get-KlResource secret kubelab-registry -Namespace kube-system -ShowSecret).Json | ConvertFrom-Json
    [IO.File]::WriteAllBytes("$work/config.json", [Convert]::FromBase64String($secret.data.'.dockerconfigjson'))
    $trusted = [IO.Directory]::CreateDirectory("/etc/docker/certs.d/$registry").FullName
    [IO.File]::WriteAllText("$trusted/ca.crt", $registry.CaCertificate)
    $null = [IO.Directory]::CreateDirectory("$work/image")
    [IO.File]::WriteAllText("$work/image/Dockerfile", "FROM scratch`nCOPY random /`nCOPY text /`nCOPY changes /`n")

    $publish = {
        param($Tool, $Name)
        switch ($Tool) {
            'KubeLab' { $registry | Publish-KlImage -Image $image -Name $Name }
            'docker push' { Invoke-Program docker --config $work push "$registry/${Name}:latest" }
            'skopeo' {
                Invoke-Program skopeo --insecure-policy copy --authfile "$work/config.json" --dest-cert-dir $trusted "docker-daemon:$image" `
                    "docker://$registry/${Name}:latest"
            }
        }
    }
    $measured = foreach ($round in 0..$Rounds) {
        Write-Random random 150
        Invoke-Program bash -c 'head -c 112M /dev/urandom | base64 -w0 >"$1"' bash "$work/image/text"
        if ($round -eq 0) {
            Write-Random changes 1; Build-Image
            $new = Measure-Seconds { & $publish KubeLab new }
            continue
        }
        foreach ($case in 'first', 'one layer', 'unchanged') {
            if ($case -ne 'unchanged') { Write-Random changes 1; Build-Image }
            # Each tool is the first one in turn.
            foreach ($turn in 0..($tools.Count - 1)) {
                $tool = $tools[($turn + $round) % $tools.Count]
                $name = "$($tool -replace ' ')-$round".ToLowerInvariant()
                if ($tool -eq 'docker push') { Invoke-Program docker tag $image "$registry/${name}:latest" }
                [pscustomobject] @{ Case = $case; Tool = $tool; Seconds = Measure-Seconds { & $publish $tool $name } }
            }
        }
    }
}
finally {
    if ($trusted) { [IO.Directory]::Delete($trusted, $true) }
    docker images --quiet --filter label=org.kubelab.bench=push | Select-Object -Unique | ForEach-Object { docker rmi --force $_ *> $null }
    Get-KlVm bench-* | Remove-KlVm -Confirm:$false
    [IO.Directory]::Delete($work, $true)
}

Write-Result ('first image of a new registry: KubeLab {0:0.00} s' -f $new)
$missed = foreach ($case in 'first', 'one layer', 'unchanged') {
    $seconds = [ordered] @{}
    foreach ($tool in $tools) { $seconds[$tool] = @($measured | Where-Object { $_.Case -eq $case -and $_.Tool -eq $tool } | ForEach-Object Seconds) }
    Write-Comparison "push, $case" $seconds 1
}
if ($missed) { exit 1 }
