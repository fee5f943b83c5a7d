using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Runtime.CompilerServices;
using KubeLab.Engine.Flow;
using KubeLab.Engine.Remote;

namespace KubeLab.Engine.Machines.Ssh;

/// <summary>Hosts you own. Adding one looks at it and remembers it; removing it forgets it and touches nothing on it.</summary>
/// <param name="hosts">Opens them.</param>
/// <param name="clock">Time.</param>
/// <param name="inventory">The file that remembers them, or null: the user's own.</param>
/// <param name="config">Reads the SSH configuration, or null: the user's own.</param>
public sealed class SshProvider(IHostPool hosts, TimeProvider clock, string? inventory = null, Func<SshConfig>? config = null) : IMachineProvider
{
    private const string Look = """
        set -eu
        from() { ip -o "$1" route get "$2" 2>/dev/null | sed -n 's/.* src \([^ ]*\).*/\1/p'; }
        address=$(from -4 192.0.2.1) || true
        [ -n "$address" ] || address=$(from -6 2001:db8::1) || true
        echo "address=$address"
        if [ -e /run/systemd/container ] || [ -e /.dockerenv ]; then echo container=true; fi
        """;

    // A host that runs answers on a LAN at once, and around the world in less than this.
    private static readonly TimeSpan Knock = TimeSpan.FromSeconds(2);

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
        foreach (var machine in await Task.WhenAll(entries.Select(entry => SeeAsync(Machine(entry, config), stop))))
            yield return machine;
    }

    /// <inheritdoc/>
    /// <exception cref="KlException">InvalidInput, NameTaken, AddressUnknown, or why the host cannot be used: see <see cref="IHost.RunAsync"/>.</exception>
    public async Task<Machine> CreateAsync(MachineSpec spec, IProgress<LabEvent> events, CancellationToken stop)
    {
        if (spec is not SshMachineSpec asked)
            throw new KlException(ErrorIds.HostNameMissing, KlErrorKind.InvalidInput, spec.Name, $"{spec.Name}: a machine of the Ssh provider is a host that exists.", "Give its address with -HostName.");
        Refuse(asked, await _inventory.ReadAsync(stop));
        if (asked.Password is { } password)
            _passwords[asked.Name] = password;
        var entry = new SshInventory.Entry
        {
            Name = asked.Name, Lab = asked.Lab, Host = asked.HostName, User = asked.User, Port = asked.Port,
            IdentityFile = asked.IdentityFile is { } file ? Path.GetFullPath(SshFolder.Expand(file)) : null,
            Added = clock.GetUtcNow().ToString("O", CultureInfo.InvariantCulture),
        };
        events.Step(asked.Name, $"Looking at {asked.HostName}");
        var seen = await InspectAsync(Endpoint(entry, _config()), asked, stop);
        entry = entry with { Address = seen.Address.ToString(), Container = seen.Container };
        await _inventory.ChangeAsync(known =>
        {
            // Another may have taken the name meanwhile.
            var before = Refuse(asked, known);
            entry = entry with { Added = before?.Added ?? entry.Added };
            if (before != entry)
                events.Changed(asked.Name, $"{asked.HostName} is remembered as {asked.Name}");
            return known.Where(other => other.Name != asked.Name).Append(entry);
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
                events.Changed(machine.Name, $"{machine.Id} is forgotten; nothing on it was touched");
            return known.Where(entry => entry.Name != machine.Name);
        }, stop);
    }

    /// <inheritdoc/>
    /// <remarks>A host can be shut down and restarted; nobody here has a hand at its switch.</remarks>
    public async Task<Machine> PowerAsync(Machine machine, PowerAction action, IProgress<LabEvent> events, CancellationToken stop)
    {
        var now = await SeeAsync(machine, stop);
        if (action == PowerAction.Start ? now.State == "Running" : action == PowerAction.Stop && now.State == "Unreachable")
            return now;
        if (action == PowerAction.Start)
            throw new KlException(ErrorIds.PowerUnsupported, KlErrorKind.InvalidInput, machine.Name, $"{machine.Name} is a host of yours that does not answer.", "Switch it on at the machine itself.");
        await using var host = hosts.Open(machine.Name, machine.Ssh);
        events.Step(machine.Name, action == PowerAction.Stop ? "shuts the host down" : "restarts the host");
        // In a moment, so that the command itself still ends well.
        await host.CheckAsync(HostCommand.Bash($"(sleep 1; systemctl {(action == PowerAction.Stop ? "poweroff" : "reboot")}) >/dev/null 2>&1 & disown"), stop);
        events.Changed(machine.Name, action == PowerAction.Stop ? "is shutting down" : "is restarting");
        return now with { State = action == PowerAction.Stop ? "Stopping" : "Restarting" };
    }

    private static SshInventory.Entry? Refuse(SshMachineSpec asked, IReadOnlyList<SshInventory.Entry> known)
    {
        var (host, port) = (asked.HostName, asked.Port);
        var same = known.FirstOrDefault(entry => entry.Name == asked.Name);
        if ((same is not null && (same.Host, same.Port, same.Lab) != (host, port, asked.Lab) ? same
            : known.FirstOrDefault(entry => entry.Name != asked.Name && (entry.Host, entry.Port) == (host, port))) is { } other)
            throw new KlException(ErrorIds.NameTaken, KlErrorKind.Exists, asked.Name, $"{asked.Name}: {other.Host} is known as {other.Name} of lab {other.Lab} already.",
                $"Use another name or host, or forget that one: Remove-KlVm {other.Name}");
        return same;
    }

    private async Task<(IPAddress Address, bool Container)> InspectAsync(SshEndpoint endpoint, SshMachineSpec asked, CancellationToken stop)
    {
        await using var host = hosts.Open(asked.Name, endpoint);
        var said = (await host.CheckAsync(HostCommand.Bash(Look), stop)).Split('\n');
        var found = said[0].Split('=')[^1];
        var address = asked.Address ?? (IPAddress.TryParse(found, out var own) || IPAddress.TryParse(endpoint.Host, out own) ? own : null)
            ?? throw new KlException(ErrorIds.AddressUnknown, KlErrorKind.InvalidInput, asked.Name, $"{asked.Name}: {endpoint} has no default route, so its address among the others is not known.", "Give it with -Address.");
        return (address, said.Contains("container=true"));
    }

    private SshEndpoint Endpoint(SshInventory.Entry entry, SshConfig config) =>
        config.Resolve(entry.Host, entry.User, entry.Port, entry.IdentityFile) with { Password = _passwords.GetValueOrDefault(entry.Name) };

    private Machine Machine(SshInventory.Entry entry, SshConfig config)
    {
        var ssh = Endpoint(entry, config);
        return new()
        {
            Name = entry.Name, Lab = entry.Lab, Provider = Name, Id = entry.Host, State = "Unknown", Ssh = ssh,
            Address = IPAddress.Parse(entry.Address), IsContainer = entry.Container,
            // Behind a jump host only its own address can be meant.
            ApiEndpoint = new UriBuilder("https", ssh.Jump is null ? ssh.Host : entry.Address, 6443).Uri.Authority,
            Created = DateTimeOffset.Parse(entry.Added, CultureInfo.InvariantCulture, DateTimeStyles.RoundtripKind),
        };
    }

    /// <summary>Knocks at the SSH port. Behind a jump host that would be a login, so its state stays unknown.</summary>
    private async Task<Machine> SeeAsync(Machine machine, CancellationToken stop)
    {
        if (machine.Ssh.Jump is not null)
            return machine;
        using var limit = new CancellationTokenSource(Knock, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(stop, limit.Token);
        using var client = new TcpClient();
        try
        {
            await client.ConnectAsync(machine.Ssh.Host, machine.Ssh.Port, either.Token);
            return machine with { State = "Running" };
        }
        catch (Exception error) when (error is SocketException || (error is OperationCanceledException && !stop.IsCancellationRequested))
        {
            return machine with { State = "Unreachable" };
        }
    }
}
