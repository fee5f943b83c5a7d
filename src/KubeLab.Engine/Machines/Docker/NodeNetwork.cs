using System.Globalization;
using System.Net;
using System.Text.Json.Nodes;
using KubeLab.Engine.Docker;
using KubeLab.Engine.Flow;

namespace KubeLab.Engine.Machines.Docker;

/// <summary>The network of all machines: "kubelab", a /16 so that addresses can be chosen by hand.</summary>
internal static class NodeNetwork
{
    /// <summary>Its name.</summary>
    public const string Name = "kubelab";

    private const string Mtu = "com.docker.network.driver.mtu";

    /// <summary>Sees to it that the engine has it, and returns its addresses.</summary>
    /// <exception cref="KlException">NameTaken, where another network is called so; NetworkFailed.</exception>
    public static async Task<IPNetwork> EnsureAsync(IDocker docker, string target, IProgress<LabEvent> events, CancellationToken stop)
    {
        if (await FindAsync(docker, stop) is { } found)
            return found;
        var mtu = await MtuAsync(docker, stop);
        DockerResult last = new(0, "", "");
        for (var second = 77; second <= 99; second++)
        {
            var arguments = new[] { "network", "create", "--label", $"{NodeContainer.Mark}=network", "--subnet", $"10.{second}.0.0/16", "--gateway", $"10.{second}.0.1" };
            last = await docker.RunAsync(new([.. arguments, .. mtu, Name]), stop);
            if (last.ExitCode == 0)
                await YieldAsync(docker, last.Output.Trim(), stop);
            // Refused because of the subnet, or because another process has just made the network.
            if (await FindAsync(docker, stop) is { } made)
            {
                if (last.ExitCode == 0)
                    events.Changed(target, $"made the network {Name} ({made})");
                return made;
            }
        }
        throw new KlException(ErrorIds.NetworkFailed, KlErrorKind.Failed, Name, $"The engine accepts none of the networks 10.77.0.0/16 to 10.99.0.0/16: {last.Error.Trim()}",
            "Remove a network that is not needed ('docker network ls').");
    }

    /// <summary>Removes it if it is ours and nothing is on it.</summary>
    public static Task RemoveAsync(IDocker docker, CancellationToken stop) => docker.RunAsync(new("network", "rm", Name), stop);

    // An engine lets two processes make a network of one name at the same moment. The older one stays; whoever made the younger takes it back.
    private static async Task YieldAsync(IDocker docker, string mine, CancellationToken stop)
    {
        if (await OldestAsync(docker, stop) is { } oldest && oldest != mine)
            await docker.RunAsync(new("network", "rm", mine), stop);
    }

    private static async Task<string?> OldestAsync(IDocker docker, CancellationToken stop)
    {
        var lines = await docker.CheckAsync(Name, new("network", "ls", "--no-trunc", "--filter", $"name=^{Name}$", "--format", "{{.CreatedAt}}\t{{.ID}}"), stop);
        return lines.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Order(StringComparer.Ordinal).FirstOrDefault()?.Split('\t')[1];
    }

    private static async Task<IPNetwork?> FindAsync(IDocker docker, CancellationToken stop)
    {
        if (await OldestAsync(docker, stop) is not { } id || await docker.FindAsync(Name, new("network", "inspect", id), stop) is not { } json)
            return null;
        var network = JsonNode.Parse(json)![0]!;
        if ((string?)network["Labels"]?[NodeContainer.Mark] != "network")
            throw new KlException(ErrorIds.NameTaken, KlErrorKind.Exists, Name, $"There is a Docker network '{Name}' that KubeLab did not make.",
                $"Remove or rename it ('docker network rm {Name}').");
        return IPNetwork.Parse((string)network["IPAM"]!["Config"]![0]!["Subnet"]!);
    }

    // An engine behind a tunnel says so on its default bridge; networks that one makes oneself would have 1500 again.
    private static async Task<string[]> MtuAsync(IDocker docker, CancellationToken stop)
    {
        var json = await docker.FindAsync("bridge", new("network", "inspect", "bridge"), stop);
        var mtu = (string?)(json is null ? null : JsonNode.Parse(json)![0]!["Options"]?[Mtu]);
        return int.TryParse(mtu, CultureInfo.InvariantCulture, out var bytes) && bytes is > 0 and not 1500 ? ["--opt", $"{Mtu}={bytes}"] : [];
    }
}
