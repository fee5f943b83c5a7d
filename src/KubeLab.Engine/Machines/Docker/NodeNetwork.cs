using System.Globalization;
using System.Net;
using System.Text.Json.Nodes;
using KubeLab.Engine.Docker;
using KubeLab.Engine.Flow;

namespace KubeLab.Engine.Machines.Docker;

/// <summary>The network of all machines: "kubelab", a /16, so that static addresses can be assigned.</summary>
internal static class NodeNetwork
{
    /// <summary>The network's name.</summary>
    public const string Name = "kubelab";

    private const string Mtu = "com.docker.network.driver.mtu";

    /// <summary>Creates the network if it does not exist, and returns its subnet.</summary>
    /// <exception cref="KlException">NameTaken if another network has the name; NetworkFailed.</exception>
    public static async Task<IPNetwork> EnsureAsync(IDocker docker, string target, IProgress<LabEvent> events, CancellationToken stop)
    {
        if (await FindAsync(docker, stop) is { } found)
            return found;
        var mtu = await MtuAsync(docker, stop);
        DockerResult last = new(0, "", "");
        for (var second = 77; second <= 99; second++)
        {
            var arguments = new[] { "network", "create", "--label", $"{NodeContainer.Mark}=network", "--subnet",
                $"10.{second}.0.0/16", "--gateway", $"10.{second}.0.1" };
            last = await docker.RunAsync(new([.. arguments, .. mtu, Name]), stop);
            if (last.ExitCode == 0)
                await RemoveDuplicateAsync(docker, last.Output.Trim(), stop);
            // Rejected because of the subnet, or because another process has just created the network.
            if (await FindAsync(docker, stop) is { } created)
            {
                if (last.ExitCode == 0)
                    events.Changed(target, $"created the network {Name} ({created})");
                return created;
            }
        }
        throw new KlException(ErrorIds.NetworkFailed, KlErrorKind.Failed, Name,
            $"The engine rejected all subnets from 10.77.0.0/16 to 10.99.0.0/16: {last.Error.Trim()}",
            "Remove an unused network ('docker network ls').");
    }

    /// <summary>Removes the network if KubeLab created it and no container uses it.</summary>
    public static Task RemoveAsync(IDocker docker, CancellationToken stop) => docker.RunAsync(new("network", "rm", Name), stop);

    // An engine lets two processes create networks with the same name at the same time. The older one is kept; the creator of the newer one removes it.
    private static async Task RemoveDuplicateAsync(IDocker docker, string own, CancellationToken stop)
    {
        if (await OldestAsync(docker, stop) is { } oldest && oldest != own)
            await docker.RunAsync(new("network", "rm", own), stop);
    }

    private static async Task<string?> OldestAsync(IDocker docker, CancellationToken stop)
    {
        var lines = await docker.CheckAsync(Name, new("network", "ls", "--no-trunc", "--filter", $"name=^{Name}$", "--format", "{{.CreatedAt}}\t{{.ID}}"),
            stop);
        return lines.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Order(StringComparer.Ordinal)
            .FirstOrDefault()?.Split('\t')[1];
    }

    private static async Task<IPNetwork?> FindAsync(IDocker docker, CancellationToken stop)
    {
        if (await OldestAsync(docker, stop) is not { } id || await docker.FindAsync(Name, new("network", "inspect", id), stop) is not { } json)
            return null;
        var network = JsonNode.Parse(json)![0]!;
        if ((string?)network["Labels"]?[NodeContainer.Mark] != "network")
            throw new KlException(ErrorIds.NameTaken, KlErrorKind.Exists, Name, $"The Docker network '{Name}' already exists and was not created by KubeLab.",
                $"Remove or rename it ('docker network rm {Name}').");
        return IPNetwork.Parse((string)network["IPAM"]!["Config"]![0]!["Subnet"]!);
    }

    // An engine behind a tunnel sets the MTU on its default bridge. User-defined networks would use 1500.
    private static async Task<string[]> MtuAsync(IDocker docker, CancellationToken stop)
    {
        var json = await docker.FindAsync("bridge", new("network", "inspect", "bridge"), stop);
        var mtu = (string?)(json is null ? null : JsonNode.Parse(json)![0]!["Options"]?[Mtu]);
        return int.TryParse(mtu, CultureInfo.InvariantCulture, out var bytes) && bytes is > 0 and not 1500 ? ["--opt", $"{Mtu}={bytes}"] : [];
    }
}
