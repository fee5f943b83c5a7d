using KubeLab.Engine.Flow;
using KubeLab.Engine.Machines;
using KubeLab.Engine.Machines.Docker;

namespace KubeLab.Tests.Machines;

/// <summary>Parallel runs that create, start and remove the same machines, and machines that fail to boot.</summary>
public sealed class DockerRaceTests : IDisposable
{
    private readonly Folder _folder = new();
    private readonly FakeEngine _engine = new();
    private readonly Heard _heard = new();

    public void Dispose() => _folder.Dispose();

    private DockerProvider Provider(FakeEngine? engine = null) =>
        new(engine ?? _engine, FakeHosts.Up(), new(_folder.Path, TimeProvider.System), TimeProvider.System);

    private Task<Machine> CreateAsync(FakeEngine? engine = null) => Provider(engine).CreateAsync(new("lab", "lab-1"), _heard, default);

    /// <summary>Another process acts before the first command of this kind completes.</summary>
    private void Before(string command, Action<string[]> act)
    {
        var done = false;
        _engine.Meanwhile = arguments =>
        {
            if (done || arguments[0] != command)
                return;
            done = true;
            act(arguments);
        };
    }

    [Theory]
    [InlineData("created")]
    [InlineData("running")]
    public async Task A_machine_that_another_process_has_just_created_is_used(string status)
    {
        Before("create", arguments => _engine.Create(arguments[1..], status));
        var machine = await CreateAsync();
        Assert.Equal(("Running", _engine.Containers.Single().Id), (machine.State, machine.Id));
    }

    [Fact]
    public async Task Two_parallel_runs_get_the_same_machines()
    {
        _engine.HasImage = false;
        var runs = await Task.WhenAll(Enumerable.Range(0, 2).Select(_ => Provider()).Select(provider =>
            Task.WhenAll(Enumerable.Range(1, 4).Select(n => provider.CreateAsync(new("lab", $"lab-{n}"), _heard, default)))));
        Assert.Equal(runs[0], runs[1]);
        Assert.Equal(4, _engine.Containers.Count);
        Assert.Single(_engine.Calls, call => call.StartsWith("build ", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_foreign_container_that_was_just_created_is_not_changed()
    {
        Before("create", _ => _engine.Add("lab-1"));
        Assert.Equal("NameTaken", (await Assert.ThrowsAsync<KlException>(() => CreateAsync())).ErrorId);
    }

    [Theory]
    [InlineData("start")]
    [InlineData("exec")]
    public async Task A_machine_that_another_process_recreated_is_used(string command)
    {
        Before(command, _ =>
        {
            string[] create = [.. _engine.Containers.Single().Arguments];
            _engine.Containers.Clear();
            _engine.Create(create, "created");
        });
        var machine = await CreateAsync();
        Assert.Equal(_engine.Containers.Single().Id, machine.Id);
    }

    [Theory]
    [InlineData("Error response from daemon: container is marked for removal and cannot be started")]
    [InlineData("Error response from daemon: No such container: x")]
    public async Task A_machine_that_is_being_removed_is_recreated(string message)
    {
        var first = await CreateAsync();
        _engine.Containers[0].Status = "exited";
        _engine.StartFailures.Enqueue(message);
        Before("start", _ => _engine.Meanwhile = arguments => _engine.Containers.RemoveAll(one => arguments[0] == "container" && one.Id == first.Id));
        Assert.NotEqual(first.Id, (await CreateAsync()).Id);
    }

    [Fact]
    public async Task A_machine_that_is_removed_while_it_boots_is_reported_as_removed()
    {
        Before("exec", _ => _engine.Containers.Clear());
        var error = await Assert.ThrowsAsync<KlException>(() => CreateAsync());
        Assert.Equal(("MachineRemoved", "lab-1"), (error.ErrorId, error.Target));
        Assert.NotNull(error.NextStep);
    }

    [Fact]
    public async Task A_network_that_was_removed_with_another_labs_last_machine_is_recreated()
    {
        _engine.CreateFailures.Enqueue("Error response from daemon: network kubelab not found");
        Assert.Equal("Running", (await CreateAsync()).State);
    }

    [Fact]
    public async Task Two_parallel_removals_both_succeed()
    {
        var machine = await CreateAsync();
        _engine.RemoveFailures.Enqueue("Error response from daemon: removal of container x is already in progress");
        await Provider().DeleteAsync(machine, _heard, default);
        Assert.Empty(_engine.Containers);
    }

    [Fact]
    public async Task A_removal_keeps_the_keys_of_a_machine_that_was_recreated_meanwhile()
    {
        var machine = await CreateAsync();
        string[] create = [.. _engine.Containers[0].Arguments];
        _engine.Meanwhile = arguments =>
        {
            if (arguments[0] == "ps" && _engine.Containers.Count == 0)
                _engine.Create(create, "running");
        };
        await Provider().DeleteAsync(machine, _heard, default);
        Assert.True(new LabKeys(_folder.Path, TimeProvider.System).HasKeys("lab", "lab-1"));
    }

    [Fact]
    public async Task A_failed_boot_shows_its_log_without_terminal_control_sequences()
    {
        var engine = new FakeEngine
        {
            BootFailure = ("Error response from daemon: Container x is restarting",
            "\u001b[0;1;31mRefusing to run\u001b[0m under cgroup v1\r\r\n\u001b]0;title\u0007[\u001b[31m!!!!!!\u001b[0m] Exiting PID 1...\r\r\n\u009b2J")
        };
        var error = await Assert.ThrowsAsync<KlException>(() => CreateAsync(engine));
        Assert.Equal("MachineNotUp", error.ErrorId);
        Assert.Equal("lab-1 did not boot. Error response from daemon: Container x is restarting\nThe end of the boot log:\nRefusing to run under cgroup "
            + "v1\n[!!!!!!] Exiting PID 1...", error.Message);
    }

    [Theory]
    [InlineData("fs.inotify.max_user_instances 128\nfs.inotify.max_user_watches 524288", "fs.inotify.max_user_instances is 128",
        "sudo sysctl fs.inotify.max_user_instances=8192")]
    [InlineData("fs.inotify.max_user_instances 8192\nfs.inotify.max_user_watches 8192", "fs.inotify.max_user_watches is 8192",
        "sudo sysctl fs.inotify.max_user_watches=524288")]
    public async Task A_limit_that_cannot_be_raised_is_a_warning_before_a_machine_is_created(string limits, string value, string command)
    {
        var engine = new FakeEngine { Limits = limits };
        engine.CreateFailures.Enqueue("no luck");
        await Assert.ThrowsAsync<KlException>(() => CreateAsync(engine));
        var warning = Assert.Single(_heard.Of(LabEventKind.Warning));
        Assert.Contains(value, warning, StringComparison.Ordinal);
        Assert.Contains(command, warning, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("fs.inotify.max_user_instances 8192\nfs.inotify.max_user_watches 1048576")]
    [InlineData("fs.inotify.max_user_instances 99999999999999")]
    [InlineData("bash: kubelab-limits: not found")]
    public async Task Sufficient_or_unknown_limits_cause_no_warning(string limits)
    {
        await CreateAsync(new FakeEngine { Limits = limits });
        Assert.Empty(_heard.Of(LabEventKind.Warning));
    }
}
