using KubeLab.Engine.Docker;

namespace KubeLab.Engine.Machines.Docker;

/// <summary>The engine's capabilities that let systemd and a kubelet run in a container.</summary>
/// <param name="Privileged">Whether --privileged works. It fails if the engine itself has fewer capabilities than the kernel supports.</param>
/// <param name="Found">The entries of <see cref="Wanted"/> that exist on the engine's host.</param>
internal sealed record NodeProfile(bool Privileged, IReadOnlyList<string> Found)
{
    private static readonly string[] Wanted = ["/dev/fuse", "/dev/kmsg", "/lib/modules"];

    /// <summary>Probes the engine with a short-lived container.</summary>
    public static async Task<NodeProfile> ProbeAsync(IDocker docker, string image, CancellationToken stop)
    {
        var probe = new[] { "--rm", "--pull", "never", "--network", "none", "-v", "/:/engine:ro", "--entrypoint", "sh", image, "-c",
            $"for path in {string.Join(' ', Wanted)}; do if [ -e /engine$path ]; then echo $path; fi; done" };
        var result = await docker.RunAsync(new(["run", "--privileged", .. probe]), stop);
        return result.ExitCode == 0
            ? new(true, Lines(result.Output))
            : new(false, Lines(await docker.CheckAsync("docker", new(["run", .. probe]), stop)));
    }

    /// <summary>Parses the result of <see cref="ToString"/>.</summary>
    public static NodeProfile Parse(string text)
    {
        var parts = text.Split(',');
        return new(parts[0] == "privileged", parts[1..]);
    }

    /// <summary>The resulting arguments of docker create.</summary>
    public IEnumerable<string> Arguments()
    {
        string[] system =
        [
            // Makes 'docker logs' show the boot log.
            "--tty",
            // Without a cgroup namespace, the kubelets of the nodes would remove each other's pods.
            "--cgroupns", "private",
            "--tmpfs", "/run:exec,mode=755", "--tmpfs", "/tmp:exec",
        ];
        string[] allowed = Privileged ? ["--privileged"] :
        [
            "--cap-add", "ALL", "--cap-drop", "SYS_RESOURCE",
            "--security-opt", "seccomp=unconfined", "--security-opt", "apparmor=unconfined", "--security-opt", "systempaths=unconfined",
            // With cgroup v1, privileged pods such as kube-proxy request all devices, but get at most those of their parent.
            "--device-cgroup-rule", "a *:* rwm",
            .. Found.Where(path => path.StartsWith("/dev/", StringComparison.Ordinal)).SelectMany(path => new[] { "--device", path }),
        ];
        return Found.Contains("/lib/modules") ? [.. system, .. allowed, "-v", "/lib/modules:/lib/modules:ro"] : [.. system, .. allowed];
    }

    /// <summary>The label value.</summary>
    public override string ToString() => string.Join(',', [Privileged ? "privileged" : "capabilities", .. Found]);

    private static string[] Lines(string text) => text.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
}
