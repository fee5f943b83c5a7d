using System.Runtime.CompilerServices;
using KubeLab.Engine.Docker;
using KubeLab.Engine.Machines;
using KubeLab.Engine.Machines.Docker;
using KubeLab.Engine.Machines.OpenStack;
using KubeLab.Engine.Machines.OpenStack.Client;
using KubeLab.Engine.Machines.Ssh;
using KubeLab.Engine.Remote;

namespace KubeLab.Engine;

/// <summary>The parts of the engine put together: one for the process, so that cmdlets share their connections.</summary>
/// <param name="hosts">Opens machines.</param>
/// <param name="providers">Where machines come from; the first is the default.</param>
/// <param name="clock">Time.</param>
public sealed class LabEngine(IHostPool hosts, IReadOnlyList<IMachineProvider> providers, TimeProvider clock)
{
    private static readonly Lazy<LabEngine> Real = new(Compose);
    private static LabEngine? _instead;

    /// <summary>The engine of this process.</summary>
    public static LabEngine Shared
    {
        get => _instead ?? Real.Value;
        internal set => _instead = value;
    }

    /// <summary>Opens machines.</summary>
    public IHostPool Hosts { get; } = hosts;

    /// <summary>Builds images.</summary>
    public IDocker Docker { get; init; } = new DockerCli();

    /// <summary>The OpenStack clouds that are configured.</summary>
    public Clouds Clouds { get; init; } = new(clock);

    /// <summary>Where machines come from; the first is the default.</summary>
    public IReadOnlyList<IMachineProvider> Providers { get; } = providers;

    /// <summary>Time.</summary>
    public TimeProvider Clock { get; } = clock;

    /// <summary>A provider by its name, whatever the case; null: the default.</summary>
    /// <exception cref="KlException">ProviderUnknown.</exception>
    public IMachineProvider Provider(string? name) => name is null ? Providers[0]
        : Providers.FirstOrDefault(one => one.Name.Equals(name, StringComparison.OrdinalIgnoreCase)) ?? throw new KlException(
            "ProviderUnknown", KlErrorKind.InvalidInput, name, $"There is no provider '{name}'.", $"Choose one of {string.Join(", ", Providers.Select(one => one.Name))}.");

    /// <summary>The machines of all providers, or of one lab; a provider whose tools this computer lacks has none.</summary>
    public async IAsyncEnumerable<Machine> MachinesAsync(string? lab, [EnumeratorCancellation] CancellationToken stop)
    {
        foreach (var provider in Providers)
        {
            await using var machines = provider.ListAsync(lab, stop).GetAsyncEnumerator(stop);
            while (await NextAsync(machines))
                yield return machines.Current;
        }

        static async Task<bool> NextAsync(IAsyncEnumerator<Machine> machines)
        {
            try
            {
                return await machines.MoveNextAsync();
            }
            catch (KlException error) when (error.Kind == KlErrorKind.NotInstalled)
            {
                return false;
            }
        }
    }

    private static LabEngine Compose()
    {
        var (clock, docker) = (TimeProvider.System, new DockerCli());
        var (hosts, clouds) = (new SshHostPool(clock), new Clouds(clock));
        return new(hosts,
            [
                new DockerProvider(docker, hosts, new LabKeys(LabKeys.DefaultRoot), clock), new SshProvider(hosts, clock),
                // A folder that no lab can be called like.
                new OpenStackProvider(clouds, Path.Combine(LabKeys.DefaultRoot, ".openstack"), clock),
            ], clock) { Clouds = clouds };
    }
}
