using KubeLab.Engine.Docker;

namespace KubeLab.Engine.Machines.Docker;

/// <summary>What an engine lets a container do, so that systemd and a kubelet run in it.</summary>
/// <param name="Privileged">--privileged works. It does not where the engine itself was given fewer capabilities than the kernel has.</param>
/// <param name="Found">Which of <see cref="Wanted"/> the engine's host has.</param>
internal sealed record NodeProfile(bool Privileged, IReadOnlyList<string> Found)
{
    private static readonly string[] Wanted = ["/dev/fuse", "/dev/kmsg", "/lib/modules"];

    /// <summary>Asks the engine, by running a container for a moment.</summary>
    public static async Task<NodeProfile> ProbeAsync(IDocker docker, string image, CancellationToken stop)
    {
        var look = new[] { "--rm", "--pull", "never", "--network", "none", "-v", "/:/engine:ro", "--entrypoint", "sh", image, "-c",
            $"for path in {string.Join(' ', Wanted)}; do if [ -e /engine$path ]; then echo $path; fi; done" };
        var result = await docker.RunAsync(new(["run", "--privileged", .. look]), stop);
        return result.ExitCode == 0
            ? new(true, Lines(result.Output))
            : new(false, Lines(await docker.CheckAsync("docker", new(["run", .. look]), stop)));
    }

    /// <summary>What <see cref="ToString"/> wrote.</summary>
    public static NodeProfile Parse(string text)
    {
        var parts = text.Split(',');
        return new(parts[0] == "privileged", parts[1..]);
    }

    /// <summary>The arguments of docker create that follow from it.</summary>
    public IEnumerable<string> Arguments()
    {
        string[] allowed = Privileged ? ["--privileged"] :
        [
            "--cap-add", "ALL", "--cap-drop", "SYS_RESOURCE",
            "--security-opt", "seccomp=unconfined", "--security-opt", "apparmor=unconfined", "--security-opt", "systempaths=unconfined",
            // With cgroup v1, privileged pods such as kube-proxy ask for all devices, and get no more than their parent.
            "--device-cgroup-rule", "a *:* rwm",
            .. Found.Where(path => path.StartsWith("/dev/", StringComparison.Ordinal)).SelectMany(path => new[] { "--device", path }),
        ];
        return Found.Contains("/lib/modules") ? [.. allowed, "-v", "/lib/modules:/lib/modules:ro"] : allowed;
    }

    /// <summary>As a label holds it.</summary>
    public override string ToString() => string.Join(',', [Privileged ? "privileged" : "capabilities", .. Found]);

    private static string[] Lines(string text) => text.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
}
