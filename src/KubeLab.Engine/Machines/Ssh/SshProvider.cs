using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Runtime.CompilerServices;
using KubeLab.Engine.Flow;
using KubeLab.Engine.Remote;

namespace KubeLab.Engine.Machines.Ssh;

/// <summary>Your own hosts. Adding a host inspects it and stores it in the inventory. Removing it deletes the entry and changes nothing on the host.</summary>
/// <param name="hosts">Opens connections.</param>
/// <param name="clock">The clock.</param>
/// <param name="inventory">The inventory file, or null: the user's file.</param>
/// <param name="config">Reads the SSH configuration, or null: the user's configuration.</param>
public sealed class SshProvider(IHostPool hosts, TimeProvider clock, string? inventory = null, Func<SshConfig>? config = null)
    : IMachineProvider<SshMachineSpec>
{
    private const string InspectScript = """
        set -eu
        from() { ip -o "$1" route get "$2" 2>/dev/null | sed -n 's/.* src \([^ ]*\).*/\1/p'; }
        address=$(from -4 192.0.2.1) || true
        [ -n "$address" ] || address=$(from -6 2001:db8::1) || true
        echo "address=$address"
        if [ -e /run/systemd/container ] || [ -e /.dockerenv ]; then echo container=true; fi
        """;

    // A running host accepts a connection within this time, even on another continent.
    private static readonly TimeSpan ConnectTimeout = TimeSpan.FromSeconds(2);

    private readonly SshInventory _inventory = new(inventory ?? SshInventory.DefaultPath, clock);
    private readonly Func<SshConfig> _config = config ?? SshConfig.ReadUser;
    private readonly ConcurrentDictionary<string, NetworkCredential> _passwords = new();

    /// <inheritdoc/>
    public string Name => "Ssh";

    /// <inheritdoc/>
    public async IAsyncEnumerable<Machine> ListAsync(string? lab, [EnumeratorCancellation] CancellationToken stop)
    {
        var config = _config();
        var entries = (await _inventory.ReadAsync(stop)).Where(entry => lab is null || entry.Lab == lab);
        foreach (var machine in await Task.WhenAll(entries.Select(entry => ProbeAsync(Machine(entry, config), stop))))
            yield return machine;
    }

    /// <inheritdoc/>
    public KlException SpecError(string name) => new(ErrorIds.HostNameMissing, KlErrorKind.InvalidInput, name,
        $"{name}: the Ssh provider needs an existing host.", "Specify its address with -HostName.");

    /// <inheritdoc/>
    /// <exception cref="KlException">InvalidInput, NameTaken, AddressUnknown, or the error of the connection; see <see cref="IHost.RunAsync"/>.</exception>
    public async Task<Machine> CreateAsync(SshMachineSpec spec, IProgress<LabEvent> events, CancellationToken stop)
    {
        CheckName(spec, await _inventory.ReadAsync(stop));
        if (spec.Password is { } password)
            _passwords[spec.Name] = password;
        var entry = new SshInventory.Entry
        {
            Name = spec.Name, Lab = spec.Lab, Host = spec.HostName, User = spec.User, Port = spec.Port,
            IdentityFile = spec.IdentityFile is { } file ? Path.GetFullPath(SshFolder.Expand(file)) : null,
            Added = clock.GetUtcNow().ToString("O", CultureInfo.InvariantCulture),
        };
        events.Step(spec.Name, $"Inspecting {spec.HostName}");
        var seen = await InspectAsync(Endpoint(entry, _config()), spec, stop);
        entry = entry with { Address = seen.Address.ToString(), Container = seen.Container };
        await _inventory.ChangeAsync(known =>
        {
            // Another process may have used the name meanwhile.
            var before = CheckName(spec, known);
            entry = entry with { Added = before?.Added ?? entry.Added };
            if (before != entry)
                events.Changed(spec.Name, $"added {spec.HostName} as {spec.Name}");
            return known.Where(other => other.Name != spec.Name).Append(entry);
        }, stop);
        return Machine(entry, _config()) with { State = "Running" };
    }

    /// <inheritdoc/>
    public async Task DeleteAsync(Machine machine, IProgress<LabEvent> events, CancellationToken stop)
    {
        _passwords.TryRemove(machine.Name, out _);
        await _inventory.ChangeAsync(known =>
        {
            if (known.Any(entry => entry.Name == machine.Name))
                events.Changed(machine.Name, $"removed {machine.Id} from the inventory; the host itself was not changed");
            return known.Where(entry => entry.Name != machine.Name);
        }, stop);
    }

    /// <inheritdoc/>
    /// <remarks>A host can be shut down and restarted, but not switched on remotely.</remarks>
    public async Task<Machine> PowerAsync(Machine machine, PowerAction action, IProgress<LabEvent> events, CancellationToken stop)
    {
        var now = await ProbeAsync(machine, stop);
        if (action == PowerAction.Start ? now.State == "Running" : action == PowerAction.Stop && now.State == "Unreachable")
            return now;
        if (action == PowerAction.Start)
            throw new KlException(ErrorIds.PowerUnsupported, KlErrorKind.InvalidInput, machine.Name,
                $"{machine.Name} is your own host and does not respond.", "Switch it on at the host itself.");
        await using var host = hosts.Open(machine.Name, machine.Ssh);
        events.Step(machine.Name, action == PowerAction.Stop ? "Shutting down the host" : "Restarting the host");
        // Delayed, so that the command itself can still report success.
        await host.CheckAsync(HostCommand.Bash($"(sleep 1; systemctl {(action == PowerAction.Stop ? "poweroff" : "reboot")}) >/dev/null 2>&1 & disown"), stop);
        events.Changed(machine.Name, action == PowerAction.Stop ? "shutting down" : "restarting");
        return now with { State = action == PowerAction.Stop ? "Stopping" : "Restarting" };
    }

    private static SshInventory.Entry? CheckName(SshMachineSpec wanted, IReadOnlyList<SshInventory.Entry> known)
    {
        var (host, port) = (wanted.HostName, wanted.Port);
        var same = known.FirstOrDefault(entry => entry.Name == wanted.Name);
        if ((same is not null && (same.Host, same.Port, same.Lab) != (host, port, wanted.Lab) ? same
            : known.FirstOrDefault(entry => entry.Name != wanted.Name && (entry.Host, entry.Port) == (host, port))) is { } other)
            throw new KlException(ErrorIds.NameTaken, KlErrorKind.Exists, wanted.Name,
                $"{wanted.Name}: {other.Host} is already in use as {other.Name} of the lab {other.Lab}.",
                $"Use another name or host, or remove {other.Name}.");
        return same;
    }

    private async Task<(IPAddress Address, bool Container)> InspectAsync(SshEndpoint endpoint, SshMachineSpec wanted, CancellationToken stop)
    {
        await using var host = hosts.Open(wanted.Name, endpoint);
        var output = (await host.CheckAsync(HostCommand.Bash(InspectScript), stop)).Split('\n');
        var found = output[0].Split('=')[^1];
        var address = wanted.Address ?? (IPAddress.TryParse(found, out var own) || IPAddress.TryParse(endpoint.Host, out own) ? own : null)
            ?? throw new KlException(ErrorIds.AddressUnknown, KlErrorKind.InvalidInput, wanted.Name,
                $"{wanted.Name}: {endpoint} has no default route, so its address is unknown.", "Specify it with -Address.");
        return (address, output.Contains("container=true"));
    }

    private SshEndpoint Endpoint(SshInventory.Entry entry, SshConfig config) =>
        config.Resolve(entry.Host, entry.User, entry.Port, entry.IdentityFile) with { Password = _passwords.GetValueOrDefault(entry.Name) };

    private Machine Machine(SshInventory.Entry entry, SshConfig config)
    {
        var ssh = Endpoint(entry, config);
        return new()
        {
            Name = entry.Name, Lab = entry.Lab, Provider = Name, Id = entry.Host, State = "Unknown", Ssh = ssh,
            Address = $"{IPAddress.Parse(entry.Address)}", IsContainer = entry.Container,
            // Behind a jump host, use the host's own address.
            ApiEndpoint = new UriBuilder("https", ssh.Jump is null ? ssh.Host : entry.Address, 6443).Uri.Authority,
            Created = DateTimeOffset.Parse(entry.Added, CultureInfo.InvariantCulture, DateTimeStyles.RoundtripKind),
        };
    }

    /// <summary>Connects to the SSH port. Behind a jump host this would need a login, so the state remains Unknown.</summary>
    private async Task<Machine> ProbeAsync(Machine machine, CancellationToken stop)
    {
        if (machine.Ssh.Jump is not null)
            return machine;
        using var limit = new TimeLimit(ConnectTimeout, clock, stop);
        using var client = new TcpClient();
        try
        {
            await client.ConnectAsync(machine.Ssh.Host, machine.Ssh.Port, limit.Token);
            return machine with { State = "Running" };
        }
        catch (Exception error) when (error is SocketException || (error is OperationCanceledException && !stop.IsCancellationRequested))
        {
            return machine with { State = "Unreachable" };
        }
    }
}
