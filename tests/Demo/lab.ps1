# Makes sure of a Docker engine and of a source for Kubernetes: upstream where it answers, the offline lab elsewhere.
# ./build.sh demo on a machine that has neither sets KUBELAB_MIRROR for the rest of this process.
if ($env:KUBELAB_MIRROR) { return }
$upstream = try {
    $probe = [Net.Sockets.TcpClient]::new()
    $probe.ConnectAsync('pkgs.k8s.io', 443).Wait(3000)
} catch { $false } finally { $probe.Dispose() }
if ($upstream) {
    docker info *> $null
    if ($LASTEXITCODE -ne 0) { & "$PSScriptRoot/../Lab/lab.sh" engine }
}
else {
    $env:KUBELAB_MIRROR = & "$PSScriptRoot/../Lab/lab.sh" up
}
if ($LASTEXITCODE -gt 0) { throw "The lab could not be brought up (exit code $LASTEXITCODE); its own words stand above." }
