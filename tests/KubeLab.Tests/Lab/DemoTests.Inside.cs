using System.Diagnostics;
using System.Globalization;
using System.Management.Automation;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using KubeLab.Tests.Pipeline;

namespace KubeLab.Tests.Lab;

/// <summary>Logs, programs and files in pods.</summary>
public sealed partial class DemoTests
{
    [Theory, Order(40)]
    [InlineData("Get-KlLog half-done done -Namespace states", "half-done -c done")]
    [InlineData("Get-KlLog half-done done -Tail 2 -Namespace states", "half-done -c done --tail 2")]
    [InlineData("Get-KlLog half-done -AllContainers -Namespace states", "half-done --all-containers")]
    [InlineData("Get-KlLog crashing -Previous -Namespace states", "crashing -p")]
    [InlineData("Get-KlPod -Label state=crashing -Namespace states | Get-KlLog -Since 01:00:00", "-l state=crashing --since 1h")]
    [InlineData("Get-KlPod -Label k8s-app=kube-proxy -Namespace kube-system | Get-KlLog -Tail 3", "-l k8s-app=kube-proxy --tail 3 -n kube-system")]
    [InlineData("Get-KlLog daemonset/kube-proxy -Tail 3 -Namespace kube-system", "-l k8s-app=kube-proxy --tail 3 -n kube-system")]
    public async Task Logs_are_the_same_as_in_kubectl(string actual, string expected) => await Oracle.SameAsync(
        async () => [.. (await Oracle.LinesAsync(
            $"logs --timestamps {(expected.EndsWith("-n kube-system", StringComparison.Ordinal) ? "" : "-n states ")}{expected}")).Select(line =>
            DateTimeOffset.TryParse(line.Split(' ')[0], CultureInfo.InvariantCulture, out var time)
                ? Stamped(time, line[(line.IndexOf(' ', StringComparison.Ordinal) + 1)..]) : line).Order(StringComparer.Ordinal)],
        () => [.. Invoke(actual).As<KlLogLine>().Select(line => line.Time is { } time ? Stamped(time, line.Line) : line.Line).Order(StringComparer.Ordinal)]);

    private static string Stamped(DateTimeOffset time, string line) => $"{time.UtcDateTime:O} {line}";

    [Fact, Order(41)]
    public async Task A_program_in_a_pod_behaves_as_with_kubectl_exec()
    {
        var bytes = RandomNumberGenerator.GetBytes(1 << 20);
        Invoke("Invoke-KlPodCommand bash, -c, 'cat >/scratch/bytes' -Name running -Namespace states -StandardInput $bytes", ("bytes", bytes));
        Assert.StartsWith(Convert.ToHexStringLower(SHA256.HashData(bytes)), await Oracle.AskAsync("exec running -n states -- sha256sum /scratch/bytes"),
            StringComparison.Ordinal);
        Assert.Equal(bytes, Invoke("Invoke-KlPodCommand cat, /scratch/bytes -Name running -Namespace states -AsByteStream").As<byte[]>()
            .SelectMany(piece => piece));

        string[] command = ["bash", "-c", "printf '%s|' \"$@\"; echo; echo to err >&2; exit 7", "-", "a b", "", "'\"$x", "*"];
        var expected = await Oracle.RunAsync(["exec", "running", "-n", "states", "--", .. command]);
        var actual = Shell.Run("Invoke-KlPodCommand $command -Name running -Namespace states; $LASTEXITCODE",
            variables: new Dictionary<string, object?> { ["command"] = command });
        Assert.Equal((7, 7), (expected.ExitCode, (int)actual.Output[^1]!));
        Assert.Equal((expected.StandardOutput, "to err"), (actual.Output.OfType<KlPodLine>().Single(line => !line.IsError) + "\n",
            $"{actual.Output.OfType<KlPodLine>().Single(line => line.IsError)}"));
        Assert.StartsWith("PodCommandFailed,", Assert.Single(actual.Errors).FullyQualifiedErrorId, StringComparison.Ordinal);
    }

    [Fact, Order(41)]
    public async Task A_program_in_a_pod_is_stopped_on_cancellation()
    {
        async Task<bool> RunsAsync() => (await Oracle.RunAsync(["exec", "running", "-n", "states", "--", "bash", "-c",
            "grep -lz ^86399$ /proc/[0-9]*/cmdline"])).ExitCode == 0;

        var began = false;
        var result = Shell.Run("Invoke-KlPodCommand sleep, 86399 -Name running -Namespace states", meanwhile: async shell =>
        {
            while (!(began = await RunsAsync()) && shell.InvocationStateInfo.State is PSInvocationState.NotStarted or PSInvocationState.Running)
                await Task.Delay(100);
            shell.Stop();
        });

        Assert.True(began, string.Concat(result.Errors));
        Assert.False(await RunsAsync());
    }

    [Fact, Order(42)]
    public async Task A_shell_in_a_pod_has_a_terminal_and_returns_its_exit_code()
    {
        var start = new ProcessStartInfo("script",
            ["-qec", $"stty cols 91 rows 33; dotnet '{Repository.Pwsh}' -NoProfile -Command 'Import-Module ./KubeLab.psd1; "
                + "Enter-KlPod running bash -Namespace states; exit $LASTEXITCODE'", "/dev/null"])
        {
            WorkingDirectory = Repository.Root, Environment = { ["TERM"] = "xterm" }, RedirectStandardInput = true, RedirectStandardOutput = true,
        };
        using var process = Process.Start(start)!;
        using var timeout = new CancellationTokenSource(TimeSpan.FromMinutes(1));
        await using var stop = timeout.Token.Register(process.Kill);
        await UntilAsync("# ");
        await process.StandardInput.WriteAsync("tty; stty size; exit 5\r");
        await process.StandardInput.FlushAsync();
        var shown = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();

        Assert.True(process.ExitCode == 5, shown);
        Assert.Contains("/dev/pts/", shown, StringComparison.Ordinal);
        Assert.Contains("33 91", shown, StringComparison.Ordinal);

        async Task UntilAsync(string prompt)
        {
            for (var (text, next) = (new StringBuilder(), new char[1]); !text.ToString().EndsWith(prompt, StringComparison.Ordinal); text.Append(next))
                Assert.True(await process.StandardOutput.ReadAsync(next) > 0, $"{text}");
        }
    }

    [Fact, Order(43)]
    public async Task Files_and_folders_are_copied_as_with_kubectl()
    {
        using var folder = new Machines.Folder();
        var (sent, received) = (Directory.CreateDirectory(Path.Combine(folder.Path, "site")).FullName, Path.Combine(folder.Path, "received"));
        Directory.CreateDirectory(Path.Combine(sent, "deep", "er"));
        await File.WriteAllBytesAsync(Path.Combine(sent, "deep", "er", "bytes"), RandomNumberGenerator.GetBytes(300_000));
        await File.WriteAllTextAsync(Path.Combine(sent, "a name with blanks"), "ü\n");
        await File.WriteAllTextAsync(Path.Combine(sent, "empty"), "");

        Invoke($"Copy-KlItem '{sent}' /scratch -ToPod running -Namespace states");
        await Oracle.AskAsync($"cp states/running:/scratch/site {received}");
        Assert.Equal(Hashes(sent), Hashes(received));
        Directory.Delete(received, recursive: true);
        await Oracle.AskAsync($"cp {sent} states/running:/scratch/theirs");
        Invoke($"Copy-KlItem /scratch/theirs '{received}' -FromPod running -Namespace states");
        Assert.Equal(Hashes(sent), Hashes(received));

        static IEnumerable<string> Hashes(string root) => Directory.GetFiles(root, "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal)
            .Select(file => $"{Path.GetRelativePath(root, file)} {Convert.ToHexString(SHA256.HashData(File.ReadAllBytes(file)))}");
    }

    [Fact, Order(44)]
    public async Task A_full_disk_is_an_error_and_keeps_existing_files()
    {
        using var folder = new Machines.Folder();
        var big = Path.Combine(folder.Path, "big");
        await using (var file = File.Create(big))
            file.SetLength(80 << 20);
        // A container has 64 MiB of shared memory.
        Invoke("Invoke-KlPodCommand bash, -c, 'echo kept >/dev/shm/big' -Name running -Namespace states");

        var error = Assert.Single(Shell.Run($"Copy-KlItem '{big}' /dev/shm/big -ToPod running -Namespace states").Errors);
        Assert.StartsWith("CopyFailed,", error.FullyQualifiedErrorId, StringComparison.Ordinal);
        Assert.Contains("no space left", error.ToString(), StringComparison.Ordinal);
        Assert.Equal("kept\nbig\n", await Oracle.AskAsync(["exec", "running", "-n", "states", "--", "bash", "-c", "cat /dev/shm/big; ls -A /dev/shm"]));
    }

    [Fact, Order(45)]
    public async Task A_port_is_forwarded_to_the_pod_until_it_is_stopped()
    {
        Invoke("Invoke-KlPodCommand bash, -c, 'perl -MIO::Socket::INET -e ''my $l = IO::Socket::INET->new(LocalPort => 8080, Listen => 9, "
            + "ReuseAddr => 1) or die $!; while (my $c = $l->accept) { chomp(my $said = <$c>); print $c scalar reverse $said; "
            + "close $c }'' >/dev/null 2>&1 </dev/null & until (exec 3<>/dev/tcp/127.0.0.1/8080); do sleep 0.1; done' -Name running -Namespace states");
        var forward = Invoke("Start-KlPortForward running 8080 -Namespace states").As<KlPortForward>().Single();
        try
        {
            foreach (var text in new[] { "first", "second" })
            {
                using var client = new TcpClient();
                await client.ConnectAsync("127.0.0.1", forward.LocalPort);
                await client.GetStream().WriteAsync(Encoding.UTF8.GetBytes(text + "\n"));
                using var answer = new StreamReader(client.GetStream());
                Assert.Equal(string.Concat(text.Reverse()), await answer.ReadToEndAsync());
            }
        }
        finally
        {
            Invoke($"Stop-KlPortForward {forward.LocalPort}");
        }
        await Assert.ThrowsAsync<SocketException>(() => new TcpClient().ConnectAsync("127.0.0.1", forward.LocalPort));
    }
}
