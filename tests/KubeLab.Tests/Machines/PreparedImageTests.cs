using KubeLab.Engine;
using KubeLab.Engine.Flow;
using KubeLab.Engine.Machines;
using KubeLab.Engine.Machines.Docker;
using KubeLab.Tests.Pipeline;

namespace KubeLab.Tests.Machines;

public sealed class PreparedImageTests : IDisposable
{
    private static readonly string Node = new NodeImage(NodeImage.DefaultBase).Name;
    private static readonly Preparation Recipe = new("recipe", "1.37.1", "script\n");

    private readonly Folder _folder = new();
    private readonly FakeEngine _engine = new();
    private readonly Heard _heard = new();
    private readonly LabKeys _keys;
    private readonly DockerProvider _provider;

    public PreparedImageTests()
    {
        _keys = new(_folder.Path, TimeProvider.System);
        _provider = new(_engine, FakeHosts.Up(), _keys, TimeProvider.System);
    }

    private IEnumerable<FakeEngine.Container> Preparing => _engine.Containers.Where(one => one.Labels["org.kubelab"] == "preparing");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_machine_is_created_from_the_image_that_was_used_last()
    {
        Add("old", 1);
        Add("new", 2);
        Add("other", 3, "kubelab-node:other");
        Assert.Equal("kubelab-prepared:new", await ImageOfAsync("lab-1"));
        Assert.Equal(["new", "other", "old"], (await _provider.ImagesAsync(_heard, default)).Select(one => one.Name.Split(':')[1]));

        await _provider.RemoveImageAsync((await _provider.ImagesAsync(_heard, default))[0], _heard, default);
        Assert.Equal("kubelab-prepared:old", await ImageOfAsync("lab-2"));
        // The use of an image is recorded.
        Assert.Equal("kubelab-prepared:old", (await _provider.ImagesAsync(_heard, default))[0].Name);
    }

    [Fact]
    public async Task An_image_that_is_removed_meanwhile_is_not_needed()
    {
        Add("new", 1);
        _engine.Meanwhile = command =>
        {
            if (command[0] == "create" && _engine.Images.RemoveAll(_ => true) > 0)
                _engine.CreateFailures.Enqueue("Error response from daemon: No such image: kubelab-prepared:new");
        };
        Assert.Equal(Node, await ImageOfAsync("lab-1"));
    }

    [Fact]
    public async Task Without_cache_a_machine_is_created_from_the_node_image()
    {
        Add("new", 2);
        Assert.Equal(Node, await ImageOfAsync("lab-1", noCache: true));
    }

    [Fact]
    public async Task A_preparation_has_no_key_and_becomes_an_image_when_it_is_complete()
    {
        var machine = await _provider.CreateAsync(new("lab", "lab-1"), _heard, default);
        await _provider.PrepareAsync(machine, Recipe, _heard, default);

        var container = Assert.Single(Preparing);
        Assert.Equal(("running", "1.37.1", Node), (container.Status, container.Labels["org.kubelab.kubernetes"], container.Arguments[^1]));
        Assert.DoesNotContain("--publish", container.Arguments);
        Assert.DoesNotContain("--volume", container.Arguments);
        Assert.Equal("script\n", _engine.Copied["etc/kubelab/prepare"]);
        Assert.Equal("../kubelab-prepare.service", _engine.Copied["etc/systemd/system/multi-user.target.wants/kubelab-prepare.service"]);
        Assert.DoesNotContain(_engine.Calls, call => call.StartsWith($"exec {container.Id}", StringComparison.Ordinal));
        Assert.DoesNotContain("kubelab-prepared", string.Join(',', (await _provider.ListAsync(null, default).ToListAsync()).Select(one => one.Name)),
            StringComparison.Ordinal);
        container.Created = DateTimeOffset.UtcNow;
        Assert.Empty(await _provider.ImagesAsync(_heard, default));
        // A second run does not prepare the same image.
        await _provider.PrepareAsync(machine, Recipe, _heard, default);
        Assert.Single(Preparing);

        (container.Status, container.ExitCode) = ("exited", PreparedImages.Prepared);
        var image = Assert.Single(await _provider.ImagesAsync(_heard, default));
        Assert.Equal(("debian:12", "1.37.1", "Docker"), (image.Image, image.Version, image.Provider));
        Assert.Empty(Preparing);
        Assert.Equal(image.Name, await ImageOfAsync("lab-2"));
        await _provider.PrepareAsync(machine, Recipe, _heard, default);
        Assert.Empty(Preparing);
        await _provider.PrepareAsync(machine, Recipe with { Recipe = "changed" }, _heard, default);
        Assert.Single(Preparing);
    }

    [Theory]
    [InlineData("exited", 1, 1, false)]
    // Stopped by the engine in the middle of the work.
    [InlineData("exited", 0, 1, false)]
    [InlineData("running", 0, 1, true)]
    [InlineData("running", 0, 41, false)]
    [InlineData("created", 0, 1, true)]
    [InlineData("created", 0, 3, false)]
    public async Task A_preparation_that_failed_is_removed(string status, int exitCode, int minutes, bool stays)
    {
        await StartAsync("lab-1");
        var container = Preparing.Single();
        (container.Status, container.ExitCode, container.Created) = (status, exitCode, DateTimeOffset.UtcNow.AddMinutes(-minutes));
        Assert.Empty(await _provider.ImagesAsync(_heard, default));
        Assert.Equal(stays, Preparing.Any());
    }

    [Fact]
    public async Task A_preparation_ends_with_the_last_machine()
    {
        var machine = await StartAsync("lab-1");
        Preparing.Single().Created = DateTimeOffset.UtcNow;
        await _provider.DeleteAsync(machine, _heard, default);
        Assert.Empty(_engine.Containers);
        Assert.False(_engine.Networks.ContainsKey("kubelab"));
    }

    [Fact]
    public async Task A_preparation_that_cannot_be_started_is_a_detail_and_leaves_nothing()
    {
        var machine = await _provider.CreateAsync(new("lab", "lab-1"), _heard, default);
        _engine.StartFailures.Enqueue("Address already in use");
        await _provider.PrepareAsync(machine, Recipe, _heard, default);
        Assert.Empty(Preparing);
        Assert.Contains(_heard.Of(LabEventKind.Detail), one => one.Contains("Address already in use", StringComparison.Ordinal));
        Assert.Empty(_heard.Of(LabEventKind.Warning));
    }

    [Fact]
    public async Task The_least_recently_used_images_are_removed_above_the_size_limit()
    {
        foreach (var number in Enumerable.Range(1, 4))
            Add($"i{number}", number, size: PreparedImages.MaximumSize / 3);
        await ImageOfAsync("lab-1");
        Assert.Equal(["i4", "i3", "i2"], (await _provider.ImagesAsync(_heard, default)).Select(one => one.Name.Split(':')[1]));
    }

    [Fact]
    public void Images_are_listed_and_removed_by_name()
    {
        Add("a1", 1);
        Add("a2", 2);
        Add("b1", 3);
        var engine = new LabEngine(FakeHosts.Up(), [_provider], TimeProvider.System);
        Assert.Equal(3, Shell.Run("Get-KlMachineImage", engine).Good<KlMachineImage>().Count);
        Assert.StartsWith("ImageNotFound,", Assert.Single(Shell.Run("Get-KlMachineImage no", engine).Errors).FullyQualifiedErrorId, StringComparison.Ordinal);
        Shell.Run("Get-KlMachineImage *:a* | Remove-KlMachineImage -WhatIf", engine).Good<object>();
        Assert.Equal(3, _engine.Images.Count);
        Shell.Run("Get-KlMachineImage *:a* | Remove-KlMachineImage", engine).Good<object>();
        Assert.Equal("kubelab-prepared:b1", Assert.Single(_engine.Images).Name);
    }

    private void Add(string name, int used, string? node = null, long size = 1) => _engine.Images.Add(new($"kubelab-prepared:{name}",
        new() { ["org.kubelab.node-image"] = node ?? Node }, size, DateTimeOffset.UnixEpoch.AddYears(1).AddSeconds(used)));

    private async Task<Machine> StartAsync(string name)
    {
        var machine = await _provider.CreateAsync(new("lab", name), _heard, default);
        await _provider.PrepareAsync(machine, Recipe, _heard, default);
        return machine;
    }

    private async Task<string> ImageOfAsync(string name, bool noCache = false)
    {
        await _provider.CreateAsync(new("lab", name, NoCache: noCache), _heard, default);
        return _engine.Containers.Single(one => one.Name == name).Arguments[^1];
    }
}
