using System.Diagnostics;
using System.Text;
using System.Threading.Channels;
using KubeLab.Engine.Pods;
using KubeLab.Tests.Kube;
using KubeLab.Tests.Pipeline;

namespace KubeLab.Tests.Pods;

public sealed class PodSessionTests
{
    private const string Pod = "GET /api/v1/namespaces/default/pods/p";
    private const string Protocol = "v5.channel.k8s.io";
    private static readonly string Plain = Of("""{"name":"c"}""");
    private static readonly string AtTerminal = Of("""{"name":"c","tty":true,"stdin":true}""");
    private static readonly byte[] EndedWith5 = Encoding.UTF8.GetBytes("""{"status":"Failure","reason":"NonZeroExitCode","details":{"causes":["""
        + """{"reason":"ExitCode","message":"5"}]}}""");

    [Fact]
    public async Task Keys_and_sizes_are_sent_and_the_exit_code_is_returned()
    {
        await using var fake = await FakeApi.StartAsync();
        using var terminal = new FakeTerminal();
        var heard = new List<string>();
        fake.On(Pod, FakeApi.Json(Plain)).On(Pod + "/exec", FakeApi.Socket(Protocol, async socket =>
        {
            heard.Add(await HearAsync(socket));
            terminal.Typed.Writer.TryWrite([3, 0, 255, 27]);
            heard.Add(await HearAsync(socket));
            terminal.Resize(120, 40);
            heard.Add(await HearAsync(socket));
            await FakeApi.SayAsync(socket, 1, [0, 255, 13, 10]);
            await FakeApi.SayAsync(socket, 3, EndedWith5);
        }));

        Assert.Equal(5, await EnterAsync(fake, ["sh", "-c", "a b"], terminal));

        Assert.Equal(["""4: {"Width":100,"Height":30}""", "0: 0300FF1B", """4: {"Width":120,"Height":40}"""], heard);
        Assert.Equal([0, 255, 13, 10], terminal.Shown.ToArray());
        Assert.True(terminal.IsGivenBack);
        Assert.EndsWith("/exec?container=c&stdout=true&stdin=true&tty=true&command=sh&command=-c&command=a%20b", fake.Seen.Last(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Attach_redraws_the_program_and_can_be_detached()
    {
        await using var fake = await FakeApi.StartAsync();
        using var terminal = new FakeTerminal();
        var heard = new List<string>();
        fake.On(Pod, FakeApi.Json(AtTerminal)).On(Pod + "/attach", FakeApi.Socket(Protocol, async socket =>
        {
            heard.Add(await HearAsync(socket));
            heard.Add(await HearAsync(socket));
            terminal.Typed.Writer.TryWrite([0x10]);
            heard.Add(await HearAsync(socket));
            terminal.Typed.Writer.TryWrite([0x11, 65]);
            await HearAsync(socket);
        }));

        Assert.Null(await EnterAsync(fake, null, terminal));

        Assert.Equal(["""4: {"Width":101,"Height":31}""", """4: {"Width":100,"Height":30}""", "0: 10"], heard);
        Assert.True(terminal.IsGivenBack);
        Assert.EndsWith("/attach?container=c&stdout=true&stdin=true&tty=true", fake.Seen.Last(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Attach_to_a_program_without_a_terminal_shows_its_output()
    {
        await using var fake = await FakeApi.StartAsync();
        fake.On(Pod, FakeApi.Json(Plain)).On(Pod + "/attach", FakeApi.Socket(Protocol, async socket =>
        {
            await FakeApi.SayAsync(socket, 1, [65]);
            await FakeApi.SayAsync(socket, 2, [66]);
        }));
        using var show = new MemoryStream();
        using var api = fake.Open();

        Assert.Null(await PodSession.EnterAsync(api, null, "p", null, null, () => throw new InvalidOperationException("no terminal is needed"), show,
            default));

        Assert.Equal([65, 66], show.ToArray());
        Assert.EndsWith("/attach?container=c&stdout=true&stderr=true", fake.Seen.Last(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Enter_requires_a_terminal()
    {
        await using var fake = await FakeApi.StartAsync();
        Assert.StartsWith("TerminalNeeded,", Assert.Single(Kubectl.Run(fake, "Enter-KlPod p").Errors).FullyQualifiedErrorId, StringComparison.Ordinal);
        Assert.Empty(fake.Seen);
    }

    // A real terminal: script(1) creates one for pwsh.
    [Fact]
    public async Task A_real_terminal_is_in_raw_mode_and_restored_afterwards()
    {
        if (!OperatingSystem.IsLinux())
            return;
        await using var fake = await FakeApi.StartAsync();
        var folder = Directory.CreateTempSubdirectory("kubelab-");
        var heard = new List<string>();
        Process? script = null;
        fake.On(Pod, FakeApi.Json(Plain)).On(Pod + "/exec", FakeApi.Socket(Protocol, async socket =>
        {
            heard.Add(await HearAsync(socket));
            await script!.StandardInput.BaseStream.WriteAsync((byte[])[3, 0, 255, 26]);
            await script.StandardInput.BaseStream.FlushAsync();
            while (heard.Sum(one => one.StartsWith("0: ", StringComparison.Ordinal) ? one.Length - 3 : 0) < 8)
                heard.Add(await HearAsync(socket));
            var tty = (await File.ReadAllTextAsync(Path.Combine(folder.FullName, "tty"))).Trim();
            await Process.Start("stty", ["-F", tty, "cols", "120", "rows", "40"]).WaitForExitAsync();
            // stty sets width and height one after the other, and both changes may be reported.
            string size;
            do
                size = await HearAsync(socket);
            while (size == """4: {"Width":120,"Height":30}""");
            heard.Add(size);
            await FakeApi.SayAsync(socket, 1, "a\nb"u8.ToArray());
            await FakeApi.SayAsync(socket, 3, EndedWith5);
        }));
        try
        {
            var config = Path.Combine(folder.FullName, "config");
            await File.WriteAllTextAsync(config, Kubectl.Config(fake.Url));
            var steps = Path.Combine(folder.FullName, "steps.ps1");
            await File.WriteAllTextAsync(steps, $$"""
                Import-Module ./KubeLab.psd1
                Enter-KlPod p
                "code $LASTEXITCODE"
                stty -a
                """);
            using var process = script = Process.Start(new ProcessStartInfo("script",
                ["-qec", $"stty cols 100 rows 30; tty > '{folder.FullName}/tty'; dotnet '{Repository.Pwsh}' -NoProfile -File '{steps}'", "/dev/null"])
            {
                WorkingDirectory = Repository.Root,
                Environment = { ["KUBECONFIG"] = config, ["TERM"] = "xterm" },
                RedirectStandardInput = true,
                RedirectStandardOutput = true,
            })!;
            var shown = await process.StandardOutput.ReadToEndAsync();
            await process.WaitForExitAsync();

            Assert.Equal(["""4: {"Width":100,"Height":30}""", "0: 0300FF1A", """4: {"Width":120,"Height":40}"""], heard);
            // In raw mode the line feed is written alone. Afterwards the terminal is in its original mode.
            Assert.Contains("a\nb", shown, StringComparison.Ordinal);
            Assert.Contains("code 5", shown, StringComparison.Ordinal);
            Assert.Matches("[^-]isig icanon", shown);
            Assert.Matches("[^-]opost", shown);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static async Task<int?> EnterAsync(FakeApi fake, string[]? command, FakeTerminal terminal)
    {
        using var api = fake.Open();
        using var timeout = new CancellationTokenSource(Gates.Timeout);
        return await PodSession.EnterAsync(api, null, "p", null, command, () => terminal, Stream.Null, timeout.Token);
    }

    private static async Task<string> HearAsync(System.Net.WebSockets.WebSocket socket) =>
        await FakeApi.HearAsync(socket) is var (channel, data) && channel == 4 ? $"4: {Encoding.UTF8.GetString(data)}"
            : $"{channel}: {Convert.ToHexString(data)}";

    private static string Of(string container) => $$"""{"metadata":{"name":"p","namespace":"default"},"spec":{"containers":[{{container}}] } }""";

    private sealed class FakeTerminal : ITerminal, IDisposable
    {
        private Action? _changed;

        public Channel<byte[]> Typed { get; } = Channel.CreateUnbounded<byte[]>();

        public MemoryStream Shown { get; } = new();

        public bool IsGivenBack { get; private set; }

        public (int Width, int Height) Size { get; private set; } = (100, 30);

        public void Resize(int width, int height)
        {
            Size = (width, height);
            _changed!();
        }

        public async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken stop)
        {
            var keys = await Typed.Reader.ReadAsync(stop);
            keys.CopyTo(buffer);
            return keys.Length;
        }

        public ValueTask WriteAsync(ReadOnlyMemory<byte> data, CancellationToken stop) => Shown.WriteAsync(data, stop);

        public IDisposable WhenResized(Action changed)
        {
            _changed = changed;
            return new CancellationTokenSource();
        }

        public void Dispose() => IsGivenBack = true;
    }
}
