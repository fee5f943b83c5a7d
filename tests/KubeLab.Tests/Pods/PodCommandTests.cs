using System.Diagnostics;
using System.Globalization;
using System.Text;
using KubeLab.Engine.Flow;
using KubeLab.Engine.Pods;
using KubeLab.Tests.Images;
using KubeLab.Tests.Kube;
using KubeLab.Tests.Pipeline;

namespace KubeLab.Tests.Pods;

public sealed class PodCommandTests
{
    private const string Exec = "GET /api/v1/namespaces/default/pods/p/exec";
    private const string Success = """{"status":"Success"}""";
    private static readonly PodContainer At = new("default", "p", "c");

    [Fact]
    public async Task Arguments_are_unchanged_and_output_and_exit_code_are_returned()
    {
        await using var fake = await FakeApi.StartAsync();
        fake.On(Exec, FakeApi.Socket("v4.channel.k8s.io", async socket =>
        {
            await FakeApi.SayAsync(socket, 1, []);
            await FakeApi.SayAsync(socket, 1, [0, 255, 10]);
            await FakeApi.SayAsync(socket, 2, "oh"u8.ToArray());
            await FakeApi.SayAsync(socket, 3,
                """{"status":"Failure","reason":"NonZeroExitCode","details":{"causes":[{"reason":"ExitCode","message":"3"}]}}"""u8.ToArray());
        }));
        var (code, output, error) = await RunAsync(fake, ["echo", "a b", "$x&"], null);
        Assert.Equal((3, "oh"), (code, Encoding.UTF8.GetString(error)));
        Assert.Equal([0, 255, 10], output);
        Assert.EndsWith("/exec?container=c&stdout=true&stderr=true&command=echo&command=a%20b&command=%24x%26", fake.Seen.Single(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_argument_can_be_empty()
    {
        await using var fake = await FakeApi.StartAsync();
        fake.On("GET /api/v1/namespaces/default/pods/p",
            FakeApi.Json("""{"metadata":{"name":"p","namespace":"default"},"spec":{"containers":[{"name":"c"}]}}"""))
            .On(Exec, FakeApi.Socket("v4.channel.k8s.io", socket => FakeApi.SayAsync(socket, 3, Encoding.UTF8.GetBytes(Success))));
        Kubectl.Run(fake, "Invoke-KlPodCommand echo, '' -Name p").Good<KlPodLine>();
        Assert.EndsWith("&command=echo&command=", fake.Seen.Last(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("-AsByteStream")]
    public async Task The_error_of_a_program_shows_the_end_of_its_standard_error(string parameters)
    {
        await using var fake = await FakeApi.StartAsync();
        fake.On("GET /api/v1/namespaces/default/pods/p",
            FakeApi.Json("""{"metadata":{"name":"p","namespace":"default"},"spec":{"containers":[{"name":"c"}]}}"""))
            .On(Exec, FakeApi.Socket("v4.channel.k8s.io", async socket =>
            {
                for (var line = 1; line <= 3000; line++)
                    await FakeApi.SayAsync(socket, 2, Encoding.UTF8.GetBytes($"line {line}\n"));
                await FakeApi.SayAsync(socket, 3,
                    """{"status":"Failure","reason":"NonZeroExitCode","details":{"causes":[{"reason":"ExitCode","message":"1"}]}}"""u8.ToArray());
            }));
        var message = Assert.Single(Kubectl.Run(fake, $"Invoke-KlPodCommand tar -Name p {parameters}").Errors).Exception.Message;
        Assert.Equal(["p: tar ended with exit code 1.", .. Enumerable.Range(2981, 20).Select(line => $"line {line}")], message.Split('\n'));
    }

    [Fact]
    public async Task Input_is_sent_unchanged_and_ended()
    {
        await using var fake = await FakeApi.StartAsync();
        var heard = new List<string>();
        fake.On(Exec, FakeApi.Socket("v5.channel.k8s.io", async socket =>
        {
            for (var i = 0; i < 2; i++)
                heard.Add(await FakeApi.HearAsync(socket) is var (channel, data) ? $"{channel}: {Convert.ToHexString(data)}" : "");
            await FakeApi.SayAsync(socket, 3, Encoding.UTF8.GetBytes(Success));
        }));
        Assert.Equal(0, (await RunAsync(fake, ["cat"], [0, 13, 255])).Code);
        Assert.Equal(["0: 000DFF", "255: 00"], heard);
    }

    [Fact]
    public async Task A_server_that_cannot_end_input_gets_its_length()
    {
        await using var fake = await FakeApi.StartAsync();
        fake.On(Exec, FakeApi.Socket("v4.channel.k8s.io", _ => Task.CompletedTask), FakeApi.Socket("v4.channel.k8s.io", async socket =>
        {
            Assert.Equal((byte)0, (await FakeApi.HearAsync(socket)).Channel);
            await FakeApi.SayAsync(socket, 3, Encoding.UTF8.GetBytes(Success));
        }));
        Assert.Equal(0, (await RunAsync(fake, ["cat"], [1, 2, 3])).Code);
        Assert.EndsWith("&command=sh&command=3&command=cat", fake.Seen.Last(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Errors_contain_the_servers_message_and_a_lost_connection_is_an_error()
    {
        await using var fake = await FakeApi.StartAsync();
        fake.On(Exec,
            FakeApi.Status(403, "Forbidden", "you may not exec"),
            FakeApi.Socket("v4.channel.k8s.io", socket => FakeApi.SayAsync(socket, 3,
                """{"status":"Failure","reason":"InternalError","message":"executable file not found"}"""u8.ToArray())),
            FakeApi.Socket("v4.channel.k8s.io", socket => FakeApi.SayAsync(socket, 1, [65])));
        var errors = new List<KlException>();
        for (var i = 0; i < 3; i++)
            errors.Add(await Assert.ThrowsAsync<KlException>(() => RunAsync(fake, ["x"], null)));
        Assert.Equal(["KubeForbidden", "PodCommandFailed", "PodConnectionLost"], errors.Select(e => e.ErrorId));
        Assert.Contains("you may not exec", errors[0].Message, StringComparison.Ordinal);
        Assert.Contains("executable file not found", errors[1].Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Slow_input_is_tolerated_and_an_unresponsive_server_is_detected()
    {
        await using var fake = await FakeApi.StartAsync();
        var often = TimeSpan.FromMilliseconds(100);
        var noticed = new TaskCompletionSource();
        // A server responds to pings only while it reads.
        fake.On(Exec,
            FakeApi.Socket("v5.channel.k8s.io", async socket =>
            {
                await Task.Delay(10 * often);
                await FakeApi.HearAsync(socket);
                await FakeApi.SayAsync(socket, 3, Encoding.UTF8.GetBytes(Success));
            }),
            FakeApi.Socket("v5.channel.k8s.io", _ => noticed.Task));
        Assert.Equal(0, (await RunAsync(fake, ["cat"], [1], often)).Code);
        Assert.Equal("PodConnectionLost", (await Assert.ThrowsAsync<KlException>(() => RunAsync(fake, ["sleep"], null, often))).ErrorId);
        noticed.SetResult();
    }

    [Theory]
    [InlineData("""{"status":"Success"}""", false)]
    [InlineData("""{"status":"Failure","reason":"NonZeroExitCode","details":{"causes":[{"reason":"ExitCode","message":"3"}]}}""", true)]
    [InlineData("""{"status":"Failure","reason":"InternalError","message":"executable file not found"}""", true)]
    [InlineData(null, true)]
    public async Task Cancellation_stops_the_program_or_warns_that_it_may_still_be_running(string? answer, bool mayLiveOn)
    {
        await using var fake = await FakeApi.StartAsync();
        fake.On(Exec, FakeApi.Socket("v4.channel.k8s.io", async socket =>
        {
            await FakeApi.SayAsync(socket, 1, [65]);
            await FakeApi.HearAsync(socket).ContinueWith(_ => { }, TaskScheduler.Default);
        }), answer is null ? FakeApi.Status(403, "Forbidden", "no")
            : FakeApi.Socket("v4.channel.k8s.io", socket => FakeApi.SayAsync(socket, 3, Encoding.UTF8.GetBytes(answer))));
        var events = new Events();
        LabEvents.Current = events;
        using var api = fake.Open();
        using var stop = new CancellationTokenSource();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() =>
            PodCommands.RunAsync(api, At, ["sleep", "9"], null, async (_, _) => await stop.CancelAsync(), stop.Token));
        Assert.Contains("command=sh&command=-c&", fake.Seen.Last(), StringComparison.Ordinal);
        Assert.Equal(2, fake.Seen.Count);
        Assert.Equal(mayLiveOn ? ["'sleep' may still be running"] : [],
            events.Seen.Select(one => one.Message[..one.Message.IndexOf(" in ", StringComparison.Ordinal)]));
    }

    // Runs the script for the container locally, for child processes of the test.
    [Fact]
    public async Task Only_the_process_with_the_expected_age_is_stopped()
    {
        if (!OperatingSystem.IsLinux())
            return;
        using var old = Process.Start("setsid", ["sleep", "600"]);
        try
        {
            while (Field(old, 5) != $"{old.Id}")
                await Task.Delay(10);
            var age = (long)((await UptimeAsync() * 100) - double.Parse(Field(old, 22), CultureInfo.InvariantCulture));
            Assert.Equal(3, await EndAsync(age + 6000, age + 9000));
            Assert.False(old.HasExited);
            using (var other = Process.Start("setsid", ["sh", "-c", "sleep 600; true"]))
            {
                while (Field(other, 5) != $"{other.Id}")
                    await Task.Delay(10);
                Assert.Equal(3, await EndAsync(0, age + 6000));
                Assert.False(old.HasExited || other.HasExited);
                other.Kill(entireProcessTree: true);
                await other.WaitForExitAsync();
            }
            Assert.Equal(0, await EndAsync(Math.Max(0, age - 100), age + 6000));
            await old.WaitForExitAsync();
        }
        finally
        {
            old.Kill();
        }

        static string Field(Process process, int number) => File.ReadAllText($"/proc/{process.Id}/stat").Split(' ')[number - 1];

        static async Task<double> UptimeAsync() => double.Parse((await File.ReadAllTextAsync("/proc/uptime")).Split(' ')[0], CultureInfo.InvariantCulture);

        static async Task<int> EndAsync(long low, long high)
        {
            using var sh = Process.Start("sh", ["-c", PodProcess.StopScript, "sh", $"{low}", $"{high}", $"{Environment.ProcessId}"]);
            await sh.WaitForExitAsync();
            return sh.ExitCode;
        }
    }

    private static async Task<(int Code, byte[] Output, byte[] Error)> RunAsync(FakeApi fake, string[] command, byte[]? input, TimeSpan? keepAlive = null)
    {
        using var api = fake.Open(keepAlive: keepAlive);
        using var timeout = new CancellationTokenSource(Gates.Timeout);
        using var output = new MemoryStream();
        using var error = new MemoryStream();
        using var given = input is null ? null : new MemoryStream(input);
        var code = await PodCommands.RunAsync(api, At, command, given, (isError, data) => (isError ? error : output).WriteAsync(data, timeout.Token),
            timeout.Token);
        return (code, output.ToArray(), error.ToArray());
    }
}
