using System.Globalization;
using KubeLab.Engine.Docker;
using KubeLab.Engine.Flow;

namespace KubeLab.Engine.Machines.Docker;

/// <summary>Kernel limits that all machines of an engine share, and that a few nodes can exhaust.</summary>
internal static class NodeLimits
{
    // The desktop and other containers on the engine's host need some, too.
    private static readonly (string Name, int Min, int Recommended, string Use)[] Wanted =
    [
        ("fs.inotify.max_user_instances", 512, 8192, "A control plane uses up to 28 and a worker 14"),
        ("fs.inotify.max_user_watches", 65536, 524288, "A node uses hundreds, and more with each pod"),
    ];

    /// <summary>Raises the limits like a machine's first process (Node/kubelab-limits), and warns about limits that remain too low.</summary>
    public static async Task RaiseAsync(IDocker docker, string target, NodeImage image, NodeProfile profile,
        IProgress<LabEvent> events, CancellationToken stop)
    {
        var result = await docker.RunAsync(new(["run", "--rm", "--pull", "never", "--network", "none", .. profile.Arguments(),
            "--entrypoint", "kubelab-limits", image.Name]), stop);
        var lines = result.Output.Split('\n', StringSplitOptions.TrimEntries);
        foreach (var (name, min, recommended, use) in Wanted)
            if (Array.Find(lines, line => line.StartsWith(name + " ", StringComparison.Ordinal)) is { } line
                && int.TryParse(line[name.Length..], CultureInfo.InvariantCulture, out var value) && value < min)
                events.Warning(target,
                    $"{name} is {value} on the Docker engine's host and could not be raised. {use}. When the limit is reached, kubelets and containerd fail "
                    + $"with 'too many open files'. Raise it on the host: sudo sysctl {name}={recommended}");
    }
}
