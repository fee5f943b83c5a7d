using System.Net;
using System.Text;
using KubeLab.Engine.Flow;
using KubeLab.Engine.Machines;
using KubeLab.Engine.Machines.Ssh;
using KubeLab.Engine.Remote;
using KubeLab.Tests.Machines;

namespace KubeLab.Tests.Remote;

[Collection(nameof(Sshd))]
public sealed class SshProviderTests(Sshd sshd) : IDisposable
{
    private readonly SshHostPool _pool = new(TimeProvider.System);
    private readonly string _folder = Directory.CreateTempSubdirectory("kubelab-hosts-").FullName;
    private readonly List<LabEvent> _events = [];

    private string Inventory => Path.Combine(_folder, "new", "hosts.yaml");

    public void Dispose()
    {
        _pool.DisposeAsync().AsTask().Wait();
        Directory.Delete(_folder, recursive: true);
    }

    [SshdFact]
    public async Task A_host_is_checked_and_found_by_another_session()
    {
        var added = await AddAsync("web-1", "web");
        Assert.Equal(("web-1", "web", "Ssh", "near", "Running"), (added.Name, added.Lab, added.Provider, added.Id, added.State));
        Assert.Equal(("127.0.0.1", sshd.Port, "root"), (added.Ssh.Host, added.Ssh.Port, added.Ssh.User));
        Assert.Equal("127.0.0.1:6443", added.ApiEndpoint);
        var expected = (await Sshd.RunAsync("sh", "-c", "ip -o -4 route get 192.0.2.1 2>/dev/null | sed -n 's/.* src \\([^ ]*\\).*/\\1/p'")).Trim();
        Assert.Equal(expected.Length > 0 ? expected : "127.0.0.1", added.Address);

        var found = Assert.Single(await ListAsync(null));
        Assert.Equal((added.Name, added.Address, added.Created, "Running"), (found.Name, found.Address, found.Created, found.State));
        await using var host = _pool.Open(found.Name, found.Ssh);
        await host.CheckAsync(new("true"), default);
        Assert.Equal("600\n", await Sshd.RunAsync("stat", "-c", "%a", Inventory));
    }

    [SshdFact]
    public async Task Adding_a_host_again_changes_nothing()
    {
        var first = await AddAsync("web-1", "web");
        Assert.Contains(_events, e => e.Kind == LabEventKind.Changed);
        _events.Clear();
        Assert.Equal(first.Created, (await AddAsync("web-1", "web")).Created);
        Assert.DoesNotContain(_events, e => e.Kind == LabEventKind.Changed);
        Assert.Single(await ListAsync(null));
    }

    [SshdFact]
    public async Task A_used_name_or_host_is_rejected()
    {
        await AddAsync("web-1", "web");
        foreach (var spec in (SshMachineSpec[])[new("web", "web-1", "other"), new("db", "web-1", "near"), new("web", "web-2", "near")])
        {
            var error = await Assert.ThrowsAsync<KlException>(() => Provider().CreateAsync(spec, new Events(_events), default));
            Assert.Equal(("NameTaken", KlErrorKind.Exists, spec.Name), (error.ErrorId, error.Kind, error.Target));
        }
    }

    [SshdFact]
    public async Task A_host_that_rejects_the_login_is_not_saved()
    {
        var spec = new SshMachineSpec("web", "web-1", "near") { IdentityFile = sshd.File("unknown") };
        var error = await Assert.ThrowsAsync<KlException>(() => Provider().CreateAsync(spec, new Events(_events), default));
        Assert.Equal("AuthenticationFailed", error.ErrorId);
        Assert.Empty(await ListAsync(null));
    }

    [SshdFact]
    public async Task A_password_is_used_and_not_saved()
    {
        var spec = new SshMachineSpec("web", "web-1", "near")
        {
            User = Sshd.Sudoer, Password = new("", Sshd.Password), Address = IPAddress.Parse("10.9.8.7"),
        };
        var added = await Provider().CreateAsync(spec, new Events(_events), default);
        Assert.Equal("10.9.8.7", added.Address);
        Assert.NotNull(added.Ssh.Password);
        Assert.DoesNotContain(Sshd.Password, await File.ReadAllTextAsync(Inventory), StringComparison.Ordinal);
        Assert.Null(Assert.Single(await ListAsync(null)).Ssh.Password);
    }

    [SshdFact]
    public async Task Removing_a_host_does_not_change_it_and_can_be_repeated()
    {
        var added = await AddAsync("web-1", "web");
        await Provider().DeleteAsync(added, new Events(_events), default);
        await Provider().DeleteAsync(added, new Events(_events), default);
        Assert.Empty(await ListAsync(null));
        Assert.Single(_events, e => e.Message.Contains("removed near from the inventory", StringComparison.Ordinal));
    }

    [SshdFact]
    public async Task Hosts_are_listed_by_lab_with_their_state()
    {
        await AddAsync("web-1", "web");
        await File.AppendAllTextAsync(
            Inventory, $"- name: db-1\n  lab: db\n  host: 127.0.0.1\n  port: {Sshd.FreePort()}\n  address: 10.0.0.1\n  added: 2026-01-01T00:00:00Z\n");
        Assert.Equal(["web-1"], (await ListAsync("web")).Select(machine => machine.Name));
        Assert.Equal(("db-1", "Unreachable"), Assert.Single(await ListAsync("db")) is var db ? (db.Name, db.State) : default);
    }

    [SshdFact]
    public async Task Concurrent_sessions_can_add_hosts()
    {
        await Task.WhenAll(Enumerable.Range(1, 5).Select(
            i => Provider().CreateAsync(new SshMachineSpec("web", $"web-{i}", $"near{i}"), new Events([]), default)));
        Assert.Equal(["web-1", "web-2", "web-3", "web-4", "web-5"], (await ListAsync("web")).Select(machine => machine.Name).Order());
    }

    [SshdFact]
    public async Task An_invalid_inventory_is_an_error()
    {
        Directory.CreateDirectory(Path.GetDirectoryName(Inventory)!);
        await File.WriteAllTextAsync(Inventory, "hosts: [}\n");
        var error = await Assert.ThrowsAsync<KlException>(() => ListAsync(null));
        Assert.Equal(("InventoryInvalid", Inventory), (error.ErrorId, error.Target));
    }

    [SshdFact]
    public async Task A_host_can_be_stopped_and_restarted_but_not_started()
    {
        var added = await AddAsync("web-1", "web");
        var commands = new List<string>();
        var provider = new SshProvider(new FakeHosts((_, command) =>
        {
            commands.Add(Encoding.UTF8.GetString(command.Input!.Value.Span));
            return new(0, "", "");
        }), TimeProvider.System, Inventory, () => SshConfig.Read());

        Assert.Equal("Running", (await provider.PowerAsync(added, PowerAction.Start, new Events(_events), default)).State);
        Assert.Empty(commands);
        Assert.Equal("Stopping", (await provider.PowerAsync(added, PowerAction.Stop, new Events(_events), default)).State);
        Assert.Contains("systemctl poweroff", Assert.Single(commands), StringComparison.Ordinal);
        Assert.Equal("Restarting", (await provider.PowerAsync(added, PowerAction.Restart, new Events(_events), default)).State);
        Assert.Contains("systemctl reboot", commands[1], StringComparison.Ordinal);

        var off = added with { Ssh = added.Ssh with { Port = Sshd.FreePort() } };
        Assert.Equal("Unreachable", (await provider.PowerAsync(off, PowerAction.Stop, new Events(_events), default)).State);
        var error = await Assert.ThrowsAsync<KlException>(() => provider.PowerAsync(off, PowerAction.Start, new Events(_events), default));
        Assert.Equal(("PowerUnsupported", "web-1"), (error.ErrorId, error.Target));
        Assert.Equal(2, commands.Count);
    }

    private Task<Machine> AddAsync(string name, string lab) =>
        Provider().CreateAsync(new SshMachineSpec(lab, name, "near"), new Events(_events), default);

    private async Task<List<Machine>> ListAsync(string? lab)
    {
        var machines = new List<Machine>();
        await foreach (var machine in Provider().ListAsync(lab, default))
            machines.Add(machine);
        return machines;
    }

    // A new provider for each call, as in a new session.
    private SshProvider Provider()
    {
        var file = Path.Combine(_folder, "config-" + Guid.NewGuid());
        File.WriteAllText(file,
            $"Host near*\n HostName 127.0.0.1\n Port {sshd.Port}\n User root\n IdentityFile {sshd.Key}\n"
                + $" UserKnownHostsFile {sshd.KnownHosts}\n HostKeyAlias lab\n");
        return new(_pool, TimeProvider.System, Inventory, () => SshConfig.Read(file));
    }

    private sealed class Events(List<LabEvent> events) : IProgress<LabEvent>
    {
        public void Report(LabEvent value) => events.Add(value);
    }
}
