using System.Net;
using k8s.Models;
using KubeLab.Engine.Flow;
using KubeLab.Engine.Kube;
using KubeLab.Engine.Remote;

namespace KubeLab.Engine.Images;

/// <summary>The options of a registry. Null keeps the current value.</summary>
public sealed record RegistryOptions
{
    /// <summary>The TCP port on the control plane. Default for a new registry: 5000.</summary>
    public int? Port { get; init; }

    /// <summary>The user name and password. Default for a new registry: kubelab with a generated password.</summary>
    public NetworkCredential? Credential { get; init; }
}

/// <summary>Manages the private registries of clusters: Debian's docker-registry on the control plane, trusted by every machine.</summary>
/// <param name="kube">Opens clusters.</param>
/// <param name="hosts">Opens machines.</param>
/// <param name="clock">The clock.</param>
public sealed class Registries(KubeSession kube, IHostPool hosts, TimeProvider clock)
{
    private const int Parallelism = 16;

    internal static readonly Dictionary<string, NodeError> NodeErrors = new()
    {
        [ErrorIds.RegistryPortTaken] = new(KlErrorKind.Exists, "Free the port on the control plane, or choose another port."),
    };

    /// <summary>Ensures that a cluster has a running registry that its machines trust.</summary>
    /// <exception cref="KlException">RegistryCredentialInvalid, RegistryPortTaken, RegistrySetupFailed, RegistryStartFailed, RegistryStartTimeout,
    /// RegistryDenied, and the errors of machines and the API server.</exception>
    public async Task<KlRegistry> CreateAsync(KlCluster cluster, RegistryOptions options, IProgress<LabEvent> events, CancellationToken stop)
    {
        using var api = kube.Open(cluster.Context);
        events.Step(cluster.Name, "registry: check");
        var (state, isClaimed) = await ClaimAsync(api, cluster, options, stop);
        var registry = state.ToRegistry(cluster);
        try
        {
            await Task.WhenAll(StartAsync(registry, state, events, stop), TrustAsync(registry, events, stop));
        }
        catch (KlException error) when (isClaimed && error.ErrorId == ErrorIds.RegistryPortTaken)
        {
            // The next run must not try the same port again.
            await api.DeleteAsync<V1Secret>(RegistryState.SecretName, "kube-system", stop);
            throw;
        }
        if ((await api.ApplyAsync(state.ToSecret(), stop)).Changed || isClaimed)
            events.Changed(cluster.Name, $"saved the registry's certificates and password in the Secret kube-system/{RegistryState.SecretName}");
        if ((await api.ApplyAsync(HostingConfigMap(registry), stop)).Changed)
            events.Changed(cluster.Name, "added the registry to the ConfigMap kube-public/local-registry-hosting");
        return registry;
    }

    /// <summary>The registry of a cluster, or null if it has none.</summary>
    public async Task<KlRegistry?> FindAsync(KlCluster cluster, CancellationToken stop)
    {
        using var api = kube.Open(cluster.Context);
        return RegistryState.From(await FindSecretAsync(api, stop))?.ToRegistry(cluster);
    }

    // Only the first of several concurrent runs creates the certificates and password of a new registry.
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
        catch (KlException error) when (error.ErrorId == ErrorIds.KubeExists)
        {
            return (RegistryState.Of(cluster, options, RegistryState.From(await FindSecretAsync(api, stop)), clock.GetUtcNow()), false);
        }
    }

    private static Task<V1Secret?> FindSecretAsync(KubeApi api, CancellationToken stop) =>
        api.FindAsync<V1Secret>(RegistryState.SecretName, "kube-system", stop);

    private async Task StartAsync(KlRegistry registry, RegistryState state, IProgress<LabEvent> events, CancellationToken stop)
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
        await Wait.UntilAsync(client.TryPingAsync, problem => problem is null ? Verdict.Ready : Verdict.Pending(problem),
            new(registry.Address, $"the registry {registry} to respond", TimeSpan.FromSeconds(30), TimeSpan.FromMilliseconds(200))
            {
                FailedId = ErrorIds.RegistryStartFailed, TimeoutId = ErrorIds.RegistryStartTimeout,
                NextStep = $"Run 'journalctl -u kubelab-registry' on {machine} to see its log.",
            }, clock, stop, pending => events.Detail(machine.Name, pending));
    }

    private async Task TrustAsync(KlRegistry registry, IProgress<LabEvent> events, CancellationToken stop)
    {
        var parameters = new Dictionary<string, string?> { ["REGISTRY"] = registry.Address, ["CA"] = registry.CaCertificate };
        await foreach (var outcome in Fleet.RunAsync(
            registry.Cluster.Machines, (machine, token) => RunAsync(machine, "trust", parameters, events, token), Parallelism, stop))
            if (outcome.Error is not null)
                // The other machines can already use the registry.
                events.Warning(outcome.Item.Name,
                    $"the machine does not trust the registry {registry} yet; creating the registry again retries it: {outcome.Error.Message}");
    }

    private async Task<IReadOnlyDictionary<string, string>> RunAsync(
        Machine machine, string script, IReadOnlyDictionary<string, string?> parameters, IProgress<LabEvent> events, CancellationToken stop)
    {
        await using var host = hosts.Open(machine.Name, machine.Ssh);
        return await NodeScript.RunAsync(host, script, parameters, NodeErrors, ErrorIds.RegistrySetupFailed, events, stop);
    }

    // KEP-1755: how tools find the registry of a cluster.
    private static V1ConfigMap HostingConfigMap(KlRegistry registry) => new()
    {
        Metadata = new() { Name = "local-registry-hosting", NamespaceProperty = "kube-public" },
        Data = new Dictionary<string, string> { ["localRegistryHosting.v1"] = $"host: \"{registry}\"\n" },
    };
}
