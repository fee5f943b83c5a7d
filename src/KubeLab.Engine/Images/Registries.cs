using System.Net;
using k8s.Models;
using KubeLab.Engine.Bootstrap;
using KubeLab.Engine.Flow;
using KubeLab.Engine.Kube;
using KubeLab.Engine.Remote;

namespace KubeLab.Engine.Images;

/// <summary>How a registry should be; what is null stays as it is.</summary>
public sealed record RegistryOptions
{
    /// <summary>The TCP port on the control plane; 5000 for a new registry.</summary>
    public int? Port { get; init; }

    /// <summary>Who may pull and push; for a new registry kubelab with a password made for it.</summary>
    public NetworkCredential? Credential { get; init; }
}

/// <summary>The private registries of clusters: Debian's docker-registry on the control plane, trusted by every machine.</summary>
/// <param name="kube">Opens clusters.</param>
/// <param name="hosts">Opens machines.</param>
/// <param name="clock">Time.</param>
public sealed class Registries(KubeSession kube, IHostPool hosts, TimeProvider clock)
{
    private const int AtOnce = 16;

    /// <summary>Sees to it that a cluster has a registry which answers and which its machines trust.</summary>
    /// <exception cref="KlException">RegistryCredentialInvalid, RegistryPortTaken, RegistrySetupFailed, RegistryStartFailed, RegistryStartTimeout, RegistryDenied, and what machines and the API server throw.</exception>
    public async Task<KlRegistry> CreateAsync(KlCluster cluster, RegistryOptions options, IProgress<LabEvent> events, CancellationToken stop)
    {
        using var api = kube.Open(cluster.Context);
        events.Step(cluster.Name, "registry: look");
        var (state, isClaimed) = await ClaimAsync(api, cluster, options, stop);
        var registry = state.ToRegistry(cluster);
        try
        {
            await Task.WhenAll(ServeAsync(registry, state, events, stop), TrustAsync(registry, events, stop));
        }
        catch (KlException error) when (isClaimed && error.ErrorId == ErrorIds.RegistryPortTaken)
        {
            // The next run must not try the same port again.
            await api.DeleteAsync<V1Secret>(RegistryState.SecretName, "kube-system", stop);
            throw;
        }
        if ((await api.ApplyAsync(state.ToSecret(), stop)).Changed || isClaimed)
            events.Changed(cluster.Name, $"kept the registry's certificates and password in Secret kube-system/{RegistryState.SecretName}");
        if ((await api.ApplyAsync(Hosting(registry), stop)).Changed)
            events.Changed(cluster.Name, "named the registry in ConfigMap kube-public/local-registry-hosting");
        return registry;
    }

    /// <summary>A cluster's registry, or null where <see cref="CreateAsync"/> has made none.</summary>
    public async Task<KlRegistry?> FindAsync(KlCluster cluster, CancellationToken stop)
    {
        using var api = kube.Open(cluster.Context);
        return RegistryState.From(await FindSecretAsync(api, stop))?.ToRegistry(cluster);
    }

    // A new registry's certificates and password are made by the first run alone: those of two would not fit each other.
    private async Task<(RegistryState State, bool IsClaimed)> ClaimAsync(KubeApi api, KlCluster cluster, RegistryOptions options, CancellationToken stop)
    {
        var before = RegistryState.From(await FindSecretAsync(api, stop));
        var state = RegistryState.Of(cluster, options, before, clock.GetUtcNow());
        if (before is not null)
            return (state, false);
        try
        {
            await api.CreateAsync(state.ToSecret(), stop);
            return (state, true);
        }
        catch (KlException raced) when (raced.ErrorId == ErrorIds.KubeExists)
        {
            return (RegistryState.Of(cluster, options, RegistryState.From(await FindSecretAsync(api, stop)), clock.GetUtcNow()), false);
        }
    }

    private static Task<V1Secret?> FindSecretAsync(KubeApi api, CancellationToken stop) =>
        api.FindAsync<V1Secret>(RegistryState.SecretName, "kube-system", stop);

    private async Task ServeAsync(KlRegistry registry, RegistryState state, IProgress<LabEvent> events, CancellationToken stop)
    {
        await RunAsync(registry.Cluster.ControlPlane, "registry", new Dictionary<string, string?>
        {
            ["LISTEN"] = state.Address,
            ["CERTIFICATE"] = state.Server.Certificate,
            ["KEY"] = state.Server.Key,
            ["HTPASSWD"] = state.Htpasswd,
        }, events, stop);
        var machine = registry.Cluster.ControlPlane;
        using var client = new RegistryClient(registry, hosts.Open(machine.Name, machine.Ssh), clock);
        await Wait.UntilAsync(client.TryPingAsync, answer => answer is null ? Verdict.Ready : Verdict.Pending(answer),
            new(registry.Address, $"the registry {registry} to answer", TimeSpan.FromSeconds(30), TimeSpan.FromMilliseconds(200))
            {
                FailedId = ErrorIds.RegistryStartFailed, TimeoutId = ErrorIds.RegistryStartTimeout,
                NextStep = $"Look at 'journalctl -u kubelab-registry' on {machine}.",
            }, clock, stop, pending => events.Detail(machine.Name, pending));
    }

    private async Task TrustAsync(KlRegistry registry, IProgress<LabEvent> events, CancellationToken stop)
    {
        var parameters = new Dictionary<string, string?> { ["REGISTRY"] = registry.Address, ["CA"] = registry.CaCertificate };
        await foreach (var outcome in Fleet.RunAsync(registry.Cluster.Machines, (machine, token) => RunAsync(machine, "trust", parameters, events, token), AtOnce, stop))
            if (outcome.Error is not null)
                // The others can use it; this one is told when it can.
                events.Warning(outcome.Item.Name, $"it does not trust the registry {registry} yet, run New-KlRegistry again: {outcome.Error.Message}");
    }

    private async Task<IReadOnlyDictionary<string, string>> RunAsync(
        Machine machine, string script, IReadOnlyDictionary<string, string?> parameters, IProgress<LabEvent> events, CancellationToken stop)
    {
        await using var host = hosts.Open(machine.Name, machine.Ssh);
        return await NodeScript.RunAsync(host, script, parameters, ErrorIds.RegistrySetupFailed, events, stop);
    }

    // KEP-1755: how tools find a cluster's own registry.
    private static V1ConfigMap Hosting(KlRegistry registry) => new()
    {
        Metadata = new() { Name = "local-registry-hosting", NamespaceProperty = "kube-public" },
        Data = new Dictionary<string, string> { ["localRegistryHosting.v1"] = $"host: \"{registry}\"\n" },
    };
}
