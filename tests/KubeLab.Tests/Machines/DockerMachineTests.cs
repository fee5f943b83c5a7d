using System.Text;
using KubeLab.Engine;
using KubeLab.Engine.Docker;
using KubeLab.Engine.Flow;
using KubeLab.Engine.Machines.Docker;
using KubeLab.Engine.Remote;
using KubeLab.Tests.Lab;
using KubeLab.Tests.Pipeline;

namespace KubeLab.Tests.Machines;

/// <summary>Real machines on a real engine. Each test uses its own lab and removes it.</summary>
[Collection(LabCollection.Name), Trait("Needs", "Lab")]
public sealed class DockerMachineTests : IAsyncLifetime, IDisposable
{
    private readonly string _lab = $"{OfflineLab.Prefix}{Guid.NewGuid():n}"[..16];
    private readonly Folder _folder = new();
    private readonly Heard _heard = new();
    private readonly DockerCli _docker = new(TimeProvider.System);
    private readonly SshHostPool _hosts = new(TimeProvider.System);
    private readonly DockerProvider _provider;

    public DockerMachineTests() => _provider = new(_docker, _hosts, new(Keys, TimeProvider.System), TimeProvider.System);

    // The data folder of a process whose XDG_DATA_HOME is the test's folder.
    private string Keys => Path.Combine(_folder.Path, "kubelab");

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync()
    {
        foreach (var machine in await _provider.ListAsync(_lab, default).ToListAsync())
            await _provider.DeleteAsync(machine, _heard, default);
        await _hosts.DisposeAsync();
    }

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Machines_boot_in_parallel_reach_each_other_and_keep_address_ports_and_keys_after_a_restart()
    {
        var machines = await Task.WhenAll(CreateAsync(1), CreateAsync(2));
        Assert.Equal("root\n", await RunAsync(machines[0], "id", "-un"));
        Assert.Equal($"{machines[1].Address}\n", await RunAsync(machines[0], "bash", "-c", $"getent hosts {machines[1].Name} | cut -d' ' -f1"));
        Assert.Equal($"nameserver {machines[0].Address}\n", await RunAsync(machines[0], "cat", "/etc/kubelab/resolv.conf"));
        Assert.NotEqual(await RunAsync(machines[0], "cat", "/etc/machine-id"), await RunAsync(machines[1], "cat", "/etc/machine-id"));
        Assert.Contains("shared:", await RunAsync(machines[0], "grep", " / / ", "/proc/self/mountinfo"), StringComparison.Ordinal);

        await _docker.CheckAsync("test", new("restart", machines[0].Id), default);
        Assert.Equal(machines[0], await CreateAsync(1));
        Assert.Equal("root\n", await RunAsync(machines[0], "id", "-un"));
        Assert.DoesNotContain(_heard.Of(LabEventKind.Warning), line => line.StartsWith(_lab, StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_machine_is_stopped_started_restarted_and_connected_to()
    {
        var machine = await CreateAsync(1);
        var engine = new LabEngine(_hosts, [_provider], TimeProvider.System);
        Assert.Equal("Stopped", Assert.Single(Shell.Run($"Stop-KlVm {_lab}", engine).Good<Machine>()).State);
        Assert.Equal("Stopped", Assert.Single(Shell.Run($"Get-KlVm {_lab}", engine).Good<Machine>()).State);
        Assert.Equal(machine, Assert.Single(Shell.Run($"Get-KlVm {_lab} | Start-KlVm | Wait-KlVm", engine).Good<Machine>()));
        var booted = await BootedAsync();
        Assert.Equal(machine, Assert.Single(Shell.Run($"Restart-KlVm {_lab}-1 | Wait-KlVm", engine).Good<Machine>()));
        Assert.NotEqual(booted, await BootedAsync());

        var end = await ShellProcess.RunAsync($"Connect-KlVm {_lab}-1 -ArgumentList 'hostname; exit 5'; \"code $LASTEXITCODE\"",
            new Dictionary<string, string?> { ["XDG_DATA_HOME"] = _folder.Path });
        Assert.Equal((0, $"{machine.Name}\ncode 5\n"), (end.Code, end.Output));

        // The start time of the machine's first process, in ticks of the host's clock (proc(5), stat).
        Task<string> BootedAsync() => RunAsync(machine, "cut", "-d ", "-f22", "/proc/1/stat");
    }

    [Fact]
    public async Task Each_machine_has_its_own_control_groups()
    {
        var machines = await Task.WhenAll(CreateAsync(1), CreateAsync(2));
        await RunAsync(machines[0], "systemd-run", "--unit", "seen-by-one", "sleep", "60");
        Assert.NotEmpty(await RunAsync(machines[0], "find", "/sys/fs/cgroup", "-name", "seen-by-one.service"));
        Assert.Empty(await RunAsync(machines[1], "find", "/sys/fs/cgroup", "-name", "seen-by-one.service"));
    }

    [Fact]
    public async Task The_second_run_changes_nothing()
    {
        var first = await Task.WhenAll(CreateAsync(1), CreateAsync(2));
        var changes = _heard.Of(LabEventKind.Changed).Count;
        Assert.Equal(first, await Task.WhenAll(CreateAsync(1), CreateAsync(2)));
        Assert.Equal(changes, _heard.Of(LabEventKind.Changed).Count);
    }

    [Fact]
    public async Task A_session_that_lost_the_keys_gets_access_again()
    {
        await CreateAsync(1);
        Directory.Delete(Path.Combine(Keys, _lab), recursive: true);
        Assert.Equal("root\n", await RunAsync(await CreateAsync(1), "id", "-un"));
    }

    [Theory]
    [InlineData("Creating the machine")]
    [InlineData("Starting the machine")]
    [InlineData("Waiting for the machine to boot")]
    public async Task After_an_interruption_at_any_step_the_next_run_completes_it(string step)
    {
        using var stop = new CancellationTokenSource();
        var interrupt = new Interrupt(step, stop);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => _provider.CreateAsync(new(_lab, $"{_lab}-1"), interrupt, stop.Token));
        var machine = await CreateAsync(1);
        Assert.Equal("root\n", await RunAsync(machine, "id", "-un"));
        Assert.Equal(["Running"], await _provider.ListAsync(_lab, default).Select(one => one.State).ToListAsync());
    }

    [Fact]
    public async Task A_machine_that_cannot_boot_shows_its_own_words()
    {
        var (node, broken) = (new NodeImage(NodeImage.DefaultBase), new NodeImage($"{_lab}-broken"));
        await node.BuildAsync(_docker, "test", _heard, default);
        var file = $$"""
            FROM {{node.Name}}
            RUN printf '#!/bin/sh\necho There is no room for the journal.\nexit 1\n' >/sbin/broken && chmod 755 /sbin/broken && mv /sbin/broken /sbin/init
            """;
        await _docker.CheckAsync("test", new("build", "--force-rm", "--tag", broken.Name, "-")
        {
            Input = async (to, stop) => await to.WriteAsync(Encoding.UTF8.GetBytes(file), stop),
        }, default);
        try
        {
            var error = await Assert.ThrowsAsync<KlException>(() =>
                _provider.CreateAsync(new(_lab, $"{_lab}-1", broken.Base, NoCache: true), _heard, default));
            Assert.Equal(("MachineNotUp", $"{_lab}-1"), (error.ErrorId, error.Target));
            Assert.Contains("\nThe end of the boot log:\nThere is no room for the journal.", error.Message, StringComparison.Ordinal);
            await _provider.DeleteAsync(await _provider.ListAsync(_lab, default).SingleAsync(), _heard, default);
        }
        finally
        {
            await _docker.CheckAsync("test", new("image", "rm", broken.Name), default);
        }
    }

    [Fact]
    public async Task A_foreign_container_is_not_changed()
    {
        var id = await _docker.CheckAsync("test", new("create", "--name", $"{_lab}-1", new NodeImage(NodeImage.DefaultBase).Name), default);
        try
        {
            Assert.Equal("NameTaken", (await Assert.ThrowsAsync<KlException>(() => CreateAsync(1))).ErrorId);
            Assert.Equal("created", await _docker.CheckAsync("test", new("inspect", "--format", "{{.State.Status}}", id), default));
        }
        finally
        {
            await _docker.CheckAsync("test", new("rm", "--volumes", id), default);
        }
    }

    [Fact]
    public async Task Removed_machines_leave_no_container_volume_or_key()
    {
        var machine = await CreateAsync(1);
        var volume = await _docker.CheckAsync("test", new("inspect", "--format", "{{range .Mounts}}{{.Name}}{{end}}", machine.Id), default);
        Assert.NotNull(await _docker.FindAsync("test", new("volume", "inspect", volume), default));
        await _provider.DeleteAsync(machine, _heard, default);
        Assert.Null(await _docker.FindAsync("test", new("container", "inspect", machine.Id), default));
        Assert.Null(await _docker.FindAsync("test", new("volume", "inspect", volume), default));
        Assert.False(Directory.Exists(Path.Combine(Keys, _lab)));
    }

    [Fact]
    public async Task Two_sessions_that_create_machines_at_once_do_not_collide()
    {
        await using var hosts = new SshHostPool(TimeProvider.System);
        var other = new DockerProvider(new DockerCli(TimeProvider.System), hosts, new(_folder.Path, TimeProvider.System), TimeProvider.System);
        var machines = await Task.WhenAll(CreateAsync(1), other.CreateAsync(new(_lab, $"{_lab}-2"), _heard, default));
        Assert.Equal(2, machines.DistinctBy(one => one.Address).Count());
    }

    [Fact]
    public async Task Two_sessions_that_create_the_same_machines_at_once_get_the_same_machines()
    {
        await using var hosts = new SshHostPool(TimeProvider.System);
        var other = new DockerProvider(new DockerCli(TimeProvider.System), hosts, new(Keys, TimeProvider.System), TimeProvider.System);
        var others = Task.WhenAll(other.CreateAsync(new(_lab, $"{_lab}-1"), _heard, default), other.CreateAsync(new(_lab, $"{_lab}-2"), _heard, default));
        Assert.Equal(await Task.WhenAll(CreateAsync(1), CreateAsync(2)), await others);
        Assert.Equal(2, await _provider.ListAsync(_lab, default).CountAsync());
    }

    private Task<Machine> CreateAsync(int number) => _provider.CreateAsync(new(_lab, $"{_lab}-{number}"), _heard, default);

    private async Task<string> RunAsync(Machine machine, string program, params string[] arguments)
    {
        await using var host = _hosts.Open(machine.Name, machine.Ssh);
        return await host.CheckAsync(new(program, arguments), default);
    }

    private sealed class Interrupt(string step, CancellationTokenSource stop) : IProgress<LabEvent>
    {
        public void Report(LabEvent value)
        {
            if (value.Kind == LabEventKind.Step && value.Message == step)
                stop.Cancel();
        }
    }
}
