using System.Diagnostics;
using System.Formats.Tar;
using System.Text;
using KubeLab.Engine.Docker;
using KubeLab.Engine.Machines.Docker;

namespace KubeLab.Tests.Machines;

public sealed class DockerCliTests : IDisposable
{
    private readonly Folder _folder = new();

    public void Dispose() => _folder.Dispose();

    private DockerCli Cli(string script)
    {
        var path = Path.Combine(_folder.Path, "docker");
        File.WriteAllText(path, "#!/bin/bash\n" + script);
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserExecute);
        return new(TimeProvider.System, path);
    }

    [Fact]
    public async Task A_missing_docker_command_is_reported()
    {
        var docker = new DockerCli(TimeProvider.System, Path.Combine(_folder.Path, "none"));
        var error = await Assert.ThrowsAsync<KlException>(() => docker.RunAsync(new("ps"), default));
        Assert.Equal(("DockerNotInstalled", KlErrorKind.NotInstalled), (error.ErrorId, error.Kind));
    }

    [Theory]
    [InlineData("Cannot connect to the Docker daemon at unix:///x. Is the docker daemon running?")]
    [InlineData("error during connect: Get \"http://x/v1.41/info\": EOF")]
    [InlineData("error from daemon in stream: Error grabbing logs: unexpected EOF")]
    [InlineData("unexpected EOF")]
    public async Task An_engine_that_does_not_respond_is_distinguished_from_a_failed_command(string expected)
    {
        var away = Cli($"echo '{expected}' >&2; exit 1");
        Assert.Equal("DockerUnavailable", (await Assert.ThrowsAsync<KlException>(() => away.RunAsync(new("ps"), default))).ErrorId);
    }

    [Fact]
    public async Task A_failed_command_shows_its_own_output()
    {
        var error = await Assert.ThrowsAsync<KlException>(() => Cli("echo \"no $2 today\" >&2; exit 3").CheckAsync("web", new("build", "bread"), default));
        Assert.Equal(("DockerFailed", "web"), (error.ErrorId, error.Target));
        Assert.Equal("'docker build bread' failed with exit code 3:\nno bread today", error.Message);
    }

    [Theory]
    [InlineData("Error response from daemon: mkdir /var/lib/docker/overlay2/x: no space left on device")]
    [InlineData("E: You don't have enough free space in /var/cache/apt/archives/.")]
    [InlineData("write /var/lib/docker/tmp/x: disk quota exceeded")]
    public async Task A_full_disk_is_reported_as_such(string expected)
    {
        var error = await Assert.ThrowsAsync<KlException>(() => Cli($"echo \"{expected}\" >&2; exit 1").CheckAsync("web", new("create", "x"), default));
        Assert.Equal("DockerDiskFull", error.ErrorId);
        Assert.Contains(expected, error.Message, StringComparison.Ordinal);
        Assert.Contains("docker system df", error.NextStep, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Bytes_are_passed_unchanged_in_both_directions()
    {
        var bytes = Enumerable.Range(0, 1 << 20).Select(n => (byte)(n * 31)).ToArray();
        using var back = new MemoryStream();
        await Cli("cat").RunAsync(new("load")
        {
            Input = (stream, stop) => stream.WriteAsync(bytes, stop).AsTask(),
            ReadOutput = (stream, stop) => stream.CopyToAsync(back, stop),
        }, default);
        Assert.Equal(bytes, back.ToArray());
    }

    [Fact]
    public async Task A_command_has_its_environment()
    {
        var command = new DockerCommand("push") { Environment = new Dictionary<string, string?> { ["DOCKER_HOST"] = "unix:///x", ["HOME"] = null } };
        Assert.Equal("unix:///x none", await Cli("echo $DOCKER_HOST ${HOME-none}").CheckAsync("web", command, default));
    }

    [Fact]
    public async Task A_cancelled_command_has_exited_when_the_call_returns()
    {
        using var stop = new CancellationTokenSource();
        var pid = 0;
        var run = Cli("echo $$; exec sleep 60").RunAsync(new("build")
        {
            Line = line =>
            {
                pid = int.Parse(line, System.Globalization.CultureInfo.InvariantCulture);
                stop.Cancel();
            },
        }, stop.Token);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => run);
        Assert.Throws<ArgumentException>(() => Process.GetProcessById(pid));
    }

    [Fact]
    public async Task docker_recognizes_the_build_context_as_an_archive_by_its_first_block()
    {
        using var context = new MemoryStream();
        await new NodeImage(NodeImage.DefaultBase).BuildAsync(
            Cli($"""if [ "$1" = image ]; then echo 'No such image' >&2; exit 1; fi; cat >{_folder.Path}/context"""), "lab-1", new Heard(), default);
        await using var file = File.OpenRead(Path.Combine(_folder.Path, "context"));
        var block = new byte[512];
        await file.ReadExactlyAsync(block);
        Assert.Equal("ustar", Encoding.ASCII.GetString(block, 257, 5));
        file.Position = 0;
        await using var tar = new TarReader(file);
        var names = new List<string>();
        while (await tar.GetNextEntryAsync() is { } entry)
            names.Add(entry.Name);
        Assert.Contains("Dockerfile", names);
        Assert.Contains("kubelab-admit", names);
    }
}
