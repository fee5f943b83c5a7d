using System.Net;
using System.Runtime.CompilerServices;
using KubeLab.Engine.Machines.OpenStack.Client;

namespace KubeLab.Engine.Machines.OpenStack;

/// <summary>Machines that are servers of OpenStack clouds. All state is in the clouds: descriptions and metadata say what is ours.</summary>
public sealed partial class OpenStackProvider : IMachineProvider
{
    /// <summary>The provider's name.</summary>
    public const string ProviderName = "OpenStack";

    // For clouds that are configured here but in which no lab was made from here.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(1);

    private readonly Func<string?, NetworkCredential?, CancellationToken, Task<ICloud>> _open;
    private readonly Func<IReadOnlyList<string>> _names;
    private readonly string _root;
    private readonly TimeSpan _interval;
    private readonly TimeProvider _clock;
    private readonly ConditionalWeakTable<ICloud, LabCloud> _homes = [];

    /// <summary>Of all clouds that are configured.</summary>
    /// <param name="clouds">Those that are configured.</param>
    /// <param name="root">Holds the labs' keys, a folder a cloud.</param>
    /// <param name="clock">Time.</param>
    public OpenStackProvider(Clouds clouds, string root, TimeProvider clock)
        : this(async (name, credential, stop) => CloudSession.Of(await clouds.OpenAsync(name, stop, credential)), clouds.Names, root, clock, LookEvery)
    {
    }

    internal OpenStackProvider(
        Func<string?, NetworkCredential?, CancellationToken, Task<ICloud>> open, Func<IReadOnlyList<string>> names, string root, TimeProvider clock, TimeSpan interval) =>
        (_open, _names, _root, _clock, _interval) = (open, names, root, clock, interval);

    /// <inheritdoc/>
    public string Name => ProviderName;

    /// <inheritdoc/>
    /// <remarks>Four requests a cloud, however many machines there are. A cloud in which labs were made from here must answer; of the others those are passed over that do not.</remarks>
    public async IAsyncEnumerable<Machine> ListAsync(string? lab, [EnumeratorCancellation] CancellationToken stop)
    {
        var inUse = Directory.Exists(_root)
            ? Directory.EnumerateDirectories(_root).Where(folder => Directory.EnumerateDirectories(folder).Any()).Select(folder => Uri.UnescapeDataString(Path.GetFileName(folder))).ToHashSet() : [];
        var all = inUse.Union(Configured()).Order(StringComparer.Ordinal).Select(cloud => inUse.Contains(cloud) ? SeeAsync(cloud, stop) : GlanceAsync(cloud, stop)).ToList();
        foreach (var machines in all)
            foreach (var machine in (await machines).Where(one => lab is null || one.Lab == lab).Order(Order))
                yield return machine;
    }

    /// <summary>A cloud, logged in to.</summary>
    private async Task<LabCloud> HomeAsync(string? name, NetworkCredential? credential, CancellationToken stop)
    {
        var cloud = await _open(name, credential, stop);
        return _homes.GetValue(cloud, one => new(one, new(Folder(one.Name), _clock), _interval, _clock));
    }

    private string Folder(string cloud) => Path.Combine(_root, Uri.EscapeDataString(cloud));

    private static Comparer<Machine> Order { get; } = Comparer<Machine>.Create((a, b) =>
        (a.Lab, a.Name.Length, a.Name).CompareTo((b.Lab, b.Name.Length, b.Name)));

    private IReadOnlyList<string> Configured()
    {
        try
        {
            return _names();
        }
        catch (KlException)
        {
            // New-KlVm and Get-KlCloud say what is wrong with the files.
            return [];
        }
    }

    private async Task<IReadOnlyList<Machine>> SeeAsync(string cloud, CancellationToken stop)
    {
        var home = await HomeAsync(cloud, null, stop);
        var (servers, ports) = (home.Servers.ReadAsync(stop), home.Ports.ReadAsync(stop));
        var (floatingIps, groups) = (home.FloatingIps.ReadAsync(stop), home.Groups.ReadAsync(stop));
        await Task.WhenAll(servers, ports, floatingIps, groups);
        return [.. CloudMachine.All(home, await servers, await ports, await floatingIps, await groups)];
    }

    private async Task<IReadOnlyList<Machine>> GlanceAsync(string cloud, CancellationToken stop)
    {
        using var late = new CancellationTokenSource(Patience, _clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(stop, late.Token);
        try
        {
            return await SeeAsync(cloud, either.Token);
        }
        catch (Exception error) when (error is KlException || (error is OperationCanceledException && !stop.IsCancellationRequested))
        {
            return [];
        }
    }
}
