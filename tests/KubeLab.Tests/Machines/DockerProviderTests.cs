using KubeLab.Engine.Flow;
using KubeLab.Engine.Machines;
using KubeLab.Engine.Machines.Docker;

namespace KubeLab.Tests.Machines;

public sealed class DockerProviderTests : IDisposable
{
    private readonly Folder _folder = new();
    private readonly FakeEngine _engine = new();
    private readonly Heard _heard = new();
    private readonly LabKeys _keys;
    private readonly DockerProvider _provider;

    public DockerProviderTests()
    {
        _keys = new(_folder.Path, TimeProvider.System);
        _provider = new(_engine, FakeHosts.Up(), _keys, TimeProvider.System);
    }

    public void Dispose() => _folder.Dispose();

    private Task<Machine> CreateAsync(string name, string lab = "lab") => _provider.CreateAsync(new(lab, name), _heard, default);

    [Fact]
    public async Task The_first_machine_gets_the_first_address_and_ports_on_the_loopback_address()
    {
        var machine = await CreateAsync("lab-1");
        Assert.Equal(("10.77.1.1", "127.0.0.1", "Running", true), (machine.Address, machine.Ssh.Host, machine.State, machine.IsContainer));
        var arguments = _engine.Containers.Single().Arguments;
        Assert.Contains($"127.0.0.1:{machine.Ssh.Port}:22", arguments);
        Assert.Contains($"{machine.ApiEndpoint}:6443", arguments);
        Assert.Contains("--privileged", arguments);
        Assert.DoesNotContain(arguments, argument => argument.StartsWith("/lib/modules", StringComparison.Ordinal));
        Assert.True(_keys.HasKeys("lab", "lab-1"));
    }

    [Fact]
    public async Task The_same_name_returns_the_same_machine_and_changes_nothing()
    {
        var first = await CreateAsync("lab-1");
        var changes = _heard.Of(LabEventKind.Changed).Count;
        _engine.Calls.Clear();
        Assert.Equal(first, await CreateAsync("lab-1"));
        Assert.Equal(changes, _heard.Of(LabEventKind.Changed).Count);
        Assert.Equal(["container inspect lab-1"], _engine.Calls);
    }

    [Fact]
    public async Task Four_parallel_machines_build_the_image_once_and_share_no_address_or_port()
    {
        _engine.HasImage = false;
        var machines = await Task.WhenAll(Enumerable.Range(1, 4).Select(n => CreateAsync($"lab-{n}")));
        Assert.Single(_engine.Calls, call => call.StartsWith("build ", StringComparison.Ordinal));
        Assert.Equal(4, machines.DistinctBy(one => one.Address).Count());
        Assert.Equal(8, machines.SelectMany(one => new[] { $"127.0.0.1:{one.Ssh.Port}", one.ApiEndpoint }).Distinct().Count());
    }

    [Fact]
    public async Task Without_privileged_mode_capabilities_are_used_and_the_engine_is_probed_once()
    {
        _engine.AllowsPrivileged = false;
        await CreateAsync("lab-1");
        await CreateAsync("lab-2");
        Assert.Single(_engine.Calls, call => call.StartsWith("run --privileged", StringComparison.Ordinal));
        Assert.All(_engine.Containers, one => Assert.DoesNotContain("--privileged", one.Arguments));
        Assert.All(_engine.Containers, one => Assert.Contains("SYS_RESOURCE", one.Arguments));
        Assert.All(_engine.Containers, one => Assert.Contains("/dev/kmsg", one.Arguments));
    }

    [Theory]
    [InlineData("Error response from daemon: Address already in use")]
    [InlineData("Bind for 127.0.0.1:20001 failed: port is already allocated")]
    [InlineData("Error response from daemon: network kubelab not found")]
    public async Task An_address_that_was_taken_meanwhile_is_replaced(string failure)
    {
        _engine.StartFailures.Enqueue(failure);
        await CreateAsync("lab-1");
        Assert.Equal(2, _engine.Calls.Count(call => call.StartsWith("create ", StringComparison.Ordinal)));
        Assert.Single(_engine.Containers);
    }

    [Fact]
    public async Task A_machine_that_has_run_is_never_replaced_if_it_cannot_start()
    {
        await CreateAsync("lab-1");
        _engine.Containers[0].Status = "exited";
        _engine.StartFailures.Enqueue("Bind for 127.0.0.1:20001 failed: port is already allocated");
        var error = await Assert.ThrowsAsync<KlException>(() => CreateAsync("lab-1"));
        Assert.Equal(("DockerFailed", "lab-1"), (error.ErrorId, error.Target));
        Assert.Contains("port is already allocated", error.Message, StringComparison.Ordinal);
        Assert.Single(_engine.Containers);
    }

    [Theory]
    [InlineData("exited")]
    [InlineData("created")]
    public async Task A_stopped_or_incomplete_machine_is_started(string status)
    {
        var first = await CreateAsync("lab-1");
        _engine.Containers[0].Status = status;
        Assert.Equal(first, await CreateAsync("lab-1"));
        Assert.Equal("running", _engine.Containers.Single().Status);
    }

    [Fact]
    public async Task A_machine_is_stopped_started_and_restarted_only_if_needed()
    {
        var machine = await CreateAsync("lab-1");
        Assert.Equal("debian:12", machine.Image);
        foreach (var (action, state, calls) in new[]
        {
            (PowerAction.Start, "Running", 0), (PowerAction.Stop, "Stopped", 1), (PowerAction.Stop, "Stopped", 0), (PowerAction.Restart, "Running", 1),
            (PowerAction.Restart, "Running", 1), (PowerAction.Stop, "Stopped", 1), (PowerAction.Start, "Running", 1),
        })
        {
            _engine.Calls.Clear();
            Assert.Equal(machine with { State = state }, await _provider.PowerAsync(machine, action, _heard, default));
            Assert.Equal(calls, _engine.Calls.Count(call => call == $"{action.ToString().ToLowerInvariant()} {machine.Id}"));
            Assert.Equal(2 + calls, _engine.Calls.Count);
        }
    }

    [Fact]
    public async Task A_foreign_container_is_not_changed()
    {
        _engine.Add("lab-1");
        var error = await Assert.ThrowsAsync<KlException>(() => CreateAsync("lab-1"));
        Assert.Equal(("NameTaken", KlErrorKind.Exists, "lab-1"), (error.ErrorId, error.Kind, error.Target));
        Assert.Equal(["container inspect lab-1"], _engine.Calls);
    }

    [Fact]
    public async Task A_machine_of_another_lab_is_not_changed()
    {
        await CreateAsync("a-1-1", lab: "a-1");
        var error = await Assert.ThrowsAsync<KlException>(() => CreateAsync("a-1-1", lab: "a"));
        Assert.Equal("NameTaken", error.ErrorId);
    }

    [Fact]
    public async Task A_foreign_network_with_the_name_is_not_changed()
    {
        _engine.Networks["kubelab"] = ("192.168.0.0/24", null);
        Assert.Equal("NameTaken", (await Assert.ThrowsAsync<KlException>(() => CreateAsync("lab-1"))).ErrorId);
        Assert.Empty(_engine.Containers);
    }

    [Fact]
    public async Task A_subnet_that_the_engine_rejects_is_skipped()
    {
        _engine.RefusedSubnets.UnionWith(["10.77.0.0/16", "10.78.0.0/16"]);
        Assert.Equal("10.79.1.1", (await CreateAsync("lab-1")).Address);
    }

    [Fact]
    public async Task An_address_is_reserved_for_a_stopped_machine()
    {
        await CreateAsync("lab-1");
        _engine.Containers[0].Status = "exited";
        Assert.Equal("10.77.1.2", (await CreateAsync("lab-2")).Address);
    }

    [Fact]
    public async Task New_keys_are_authorized_if_the_lab_lost_its_keys()
    {
        await CreateAsync("lab-1");
        Directory.Delete(Path.Combine(_folder.Path, "lab"), recursive: true);
        await CreateAsync("lab-1");
        Assert.True(_keys.HasKeys("lab", "lab-1"));
        Assert.Equal(2, _engine.Calls.Count(call => call.Contains("kubelab-admit", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task Any_number_of_machines_is_listed_with_two_commands()
    {
        foreach (var n in Enumerable.Range(1, 11))
            await CreateAsync($"lab-{n}");
        await CreateAsync("other-1", "other");
        _engine.Calls.Clear();
        var machines = await _provider.ListAsync("lab", default).ToListAsync();
        Assert.Equal(Enumerable.Range(1, 11).Select(n => $"lab-{n}"), machines.Select(one => one.Name));
        Assert.Equal(2, _engine.Calls.Count);
    }

    [Fact]
    public async Task Keys_and_network_are_removed_with_the_last_machine_and_absent_machines_are_ignored()
    {
        var machines = new[] { await CreateAsync("lab-1"), await CreateAsync("lab-2") };
        await _provider.DeleteAsync(machines[0], _heard, default);
        Assert.False(_keys.HasKeys("lab", "lab-1"));
        Assert.True(_keys.HasKeys("lab", "lab-2"));
        Assert.Contains("kubelab", _engine.Networks.Keys);
        await _provider.DeleteAsync(machines[1], _heard, default);
        await _provider.DeleteAsync(machines[1], _heard, default);
        Assert.Empty(_engine.Containers);
        Assert.DoesNotContain("kubelab", _engine.Networks.Keys);
        Assert.False(Directory.Exists(Path.Combine(_folder.Path, "lab")));
        Assert.Equal(2, _heard.Of(LabEventKind.Changed).Count(line => line.EndsWith(": removed", StringComparison.Ordinal)));
    }
}
