# Ensures that a Docker engine and a source for Kubernetes are available: the public repositories if reachable, otherwise the offline lab.
# With the offline lab, KUBELAB_MIRROR is set for the rest of this process.
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
if ($LASTEXITCODE -gt 0) { throw "The lab could not be started (exit code $LASTEXITCODE). See its output above." }
