using System.Net;
using System.Runtime.CompilerServices;
using KubeLab.Engine.Machines.OpenStack.Client;

namespace KubeLab.Engine.Machines.OpenStack;

/// <summary>Machines that are servers of OpenStack clouds. All state is stored in the clouds, in descriptions and metadata.</summary>
public sealed partial class OpenStackProvider : IMachineProvider<OpenStackMachineSpec>
{
    /// <summary>The provider's name.</summary>
    public const string ProviderName = "OpenStack";

    // For configured clouds in which no lab was created from this computer.
    private static readonly TimeSpan OptionalCloudTimeout = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan PollInterval = TimeSpan.FromSeconds(1);

    private readonly Func<string?, NetworkCredential?, CancellationToken, Task<ICloud>> _open;
    private readonly Func<IReadOnlyList<string>> _names;
    private readonly string _root;
    private readonly TimeSpan _interval;
    private readonly TimeProvider _clock;
    private readonly ConditionalWeakTable<ICloud, LabCloud> _clouds = [];

    /// <summary>A provider for all configured clouds.</summary>
    /// <param name="clouds">The configured clouds.</param>
    /// <param name="root">The folder of the labs' keys, with one subfolder per cloud.</param>
    /// <param name="clock">The clock.</param>
    public OpenStackProvider(Clouds clouds, string root, TimeProvider clock)
        : this(async (name, credential, stop) => CloudSession.Of(await clouds.OpenAsync(name, stop, credential)), clouds.Names, root, clock, PollInterval)
    {
    }

    internal OpenStackProvider(
        Func<string?, NetworkCredential?, CancellationToken, Task<ICloud>> open, Func<IReadOnlyList<string>> names,
        string root, TimeProvider clock, TimeSpan interval) =>
        (_open, _names, _root, _clock, _interval) = (open, names, root, clock, interval);

    /// <inheritdoc/>
    public string Name => ProviderName;

    /// <inheritdoc/>
    public KlException SpecError(string name) => new(ErrorIds.ImageMissing, KlErrorKind.InvalidInput, name,
        $"{name}: the OpenStack provider needs an image and a flavor.", "Specify -Image and -Flavor.");

    /// <inheritdoc/>
    /// <remarks>Four requests per cloud, regardless of the number of machines. A cloud in which labs were created from this computer must respond. Other
    /// clouds are skipped if they do not respond.</remarks>
    public async IAsyncEnumerable<Machine> ListAsync(string? lab, [EnumeratorCancellation] CancellationToken stop)
    {
        var inUse = Directory.Exists(_root)
            ? Directory.EnumerateDirectories(_root).Where(folder => Directory.EnumerateDirectories(folder).Any())
            .Select(folder => Uri.UnescapeDataString(Path.GetFileName(folder))).ToHashSet() : [];
        var all = inUse.Union(Configured()).Order(StringComparer.Ordinal)
            .Select(cloud => inUse.Contains(cloud) ? MachinesAsync(cloud, stop) : OptionalMachinesAsync(cloud, stop)).ToList();
        foreach (var machines in all)
            foreach (var machine in (await machines).Where(one => lab is null || one.Lab == lab).Order(MachineOrder.ByLab))
                yield return machine;
    }

    /// <inheritdoc/>
    public async Task<IReadOnlyList<PlatformPart>> PlatformAsync(Machine machine, CancellationToken stop) =>
        [.. (await (await _open(machine.Location, null, stop)).ServicesAsync(stop)).Select(one => new PlatformPart($"OpenStack {one.Type}", one.Version))];

    /// <summary>Opens a cloud.</summary>
    private async Task<LabCloud> CloudAsync(string? name, NetworkCredential? credential, CancellationToken stop)
    {
        var cloud = await _open(name, credential, stop);
        return _clouds.GetValue(cloud, one => new(one, new(Folder(one.Name), _clock), _interval, _clock));
    }

    private string Folder(string cloud) => Path.Combine(_root, Uri.EscapeDataString(cloud));

    private IReadOnlyList<string> Configured()
    {
        try
        {
            return _names();
        }
        catch (KlException)
        {
            // New-KlVm and Get-KlCloud report the error in the files.
            return [];
        }
    }

    private async Task<IReadOnlyList<Machine>> MachinesAsync(string cloud, CancellationToken stop)
    {
        var labCloud = await CloudAsync(cloud, null, stop);
        var (servers, ports) = (labCloud.Servers.ReadAsync(stop), labCloud.Ports.ReadAsync(stop));
        var (floatingIps, groups) = (labCloud.FloatingIps.ReadAsync(stop), labCloud.Groups.ReadAsync(stop));
        await Task.WhenAll(servers, ports, floatingIps, groups);
        return [.. CloudMachine.All(labCloud, await servers, await ports, await floatingIps, await groups)];
    }

    private async Task<IReadOnlyList<Machine>> OptionalMachinesAsync(string cloud, CancellationToken stop)
    {
        using var timeout = new CancellationTokenSource(OptionalCloudTimeout, _clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(stop, timeout.Token);
        try
        {
            return await MachinesAsync(cloud, either.Token);
        }
        catch (Exception error) when (error is KlException || (error is OperationCanceledException && !stop.IsCancellationRequested))
        {
            return [];
        }
    }
}
