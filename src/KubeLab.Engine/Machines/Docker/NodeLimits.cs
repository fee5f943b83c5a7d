using System.Globalization;
using KubeLab.Engine.Docker;
using KubeLab.Engine.Flow;

namespace KubeLab.Engine.Machines.Docker;

/// <summary>Limits of the kernel that all machines of an engine share, and that a few nodes use up.</summary>
internal static class NodeLimits
{
    // The desktop and the other containers of the engine's host need theirs too.
    private static readonly (string Name, int Enough, int Good, string Use)[] Wanted =
    [
        ("fs.inotify.max_user_instances", 512, 8192, "A control plane takes up to 28 and a worker 14"),
        ("fs.inotify.max_user_watches", 65536, 524288, "A node takes hundreds, and more with each pod"),
    ];

    /// <summary>Raises them as a machine's first process does (Node/kubelab-limits), and warns of those that stay too low.</summary>
    public static async Task RaiseAsync(IDocker docker, string target, NodeImage image, NodeProfile profile, IProgress<LabEvent> events, CancellationToken stop)
    {
        var result = await docker.RunAsync(new(["run", "--rm", "--pull", "never", "--network", "none", .. profile.Arguments(), "--entrypoint", "kubelab-limits", image.Name]), stop);
        var lines = result.Output.Split('\n', StringSplitOptions.TrimEntries);
        foreach (var (name, enough, good, use) in Wanted)
            if (Array.Find(lines, line => line.StartsWith(name + " ", StringComparison.Ordinal)) is { } line && int.TryParse(line[name.Length..], CultureInfo.InvariantCulture, out var value) && value < enough)
                events.Warning(target, $"{name} is {value} on the Docker engine's host, and cannot be raised from here. {use}. When none is left, kubelets and containerd fail "
                    + $"with 'too many open files'. Raise it on the host: sudo sysctl {name}={good}");
    }
}
