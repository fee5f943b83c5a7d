using System.Globalization;
using System.Net;
using System.Net.Sockets;
using KubeLab.Engine.Remote;
using KubeLab.Tests.Pipeline;
using Microsoft.Extensions.Time.Testing;

namespace KubeLab.Tests.Remote;

[Collection(nameof(Sshd))]
public sealed class ConnectionTests(Sshd sshd) : IDisposable
{
    private readonly SshHostPool _pool = new(TimeProvider.System);

    public void Dispose() => _pool.DisposeAsync().AsTask().Wait();

    [SshdFact]
    public async Task A_lost_connection_is_reopened()
    {
        var host = _pool.Open("lab", sshd.Endpoint);
        var session = await SessionAsync(host);
        await sshd.InsideAsync("kill", "-KILL", session);
        await Sshd.UntilAsync(() => !sshd.IsAlive(int.Parse(session, CultureInfo.InvariantCulture)), "The session is still running.");
        Assert.NotEqual(session, await SessionAsync(host));
    }

    [SshdFact]
    public async Task A_running_command_is_not_repeated_after_a_lost_connection()
    {
        var host = _pool.Open("lab", sshd.Endpoint);
        var session = await SessionAsync(host);
        var count = sshd.File("count");
        var (running, process) = await SleepAsync(host, "echo x >>$1; ", count);
        await sshd.InsideAsync("kill", "-KILL", session);
        var error = await Assert.ThrowsAsync<KlException>(() => running.WaitAsync(Gates.Timeout));
        Assert.Equal(("ConnectionLost", KlErrorKind.Unreachable, "lab"), (error.ErrorId, error.Kind, error.Target));
        Assert.NotNull(error.NextStep);
        Assert.Equal("x\n", await File.ReadAllTextAsync(count));
        await sshd.InsideAsync("kill", process);
    }

    [SshdFact]
    public async Task A_command_that_did_not_start_is_retried_on_a_new_connection()
    {
        var clock = new TimeoutClock(TimeSpan.FromSeconds(60));
        await using var pool = new SshHostPool(clock);
        using var relay = new Relay(sshd.Port);
        var host = pool.Open("lab", sshd.Endpoint with { Port = relay.Port });
        var (session, started) = (await SessionAsync(host), clock.Started);
        relay.Cut();
        var next = SessionAsync(host);
        await Sshd.UntilAsync(() => clock.Started > started, "The command was not sent on the old connection.");
        // The new connection uses the same clock, so it must not advance further.
        clock.Advance(clock.Timeout);
        Assert.NotEqual(session, await next);
    }

    [SshdFact]
    public async Task A_connection_to_a_machine_that_does_not_respond_can_be_dropped()
    {
        // No timeout expires with this clock.
        await using var pool = new SshHostPool(new FakeTimeProvider());
        using var relay = new Relay(sshd.Port);
        var endpoint = sshd.Endpoint with { Port = relay.Port };
        var host = pool.Open("lab", endpoint);
        var session = await SessionAsync(host);
        var (running, process) = await SleepAsync(host, "");
        relay.Cut();
        pool.Drop("lab", endpoint with { });
        await Assert.ThrowsAsync<KlException>(() => running.WaitAsync(Gates.Timeout));
        Assert.NotEqual(session, await SessionAsync(host).WaitAsync(Gates.Timeout));
        await sshd.InsideAsync("kill", process);
    }

    [SshdFact]
    public async Task Errors_of_two_machines_with_the_same_endpoint_have_their_own_names()
    {
        var login = sshd.Endpoint with { IdentityFile = sshd.File("unknown") };
        foreach (var name in (string[])["web-1", "web-2"])
            Assert.Equal(name, (await Assert.ThrowsAsync<KlException>(() => _pool.Open(name, login).RunAsync(new("true"), default))).Target);
    }

    [SshdFact]
    public async Task ConnectTimeout_limits_the_time_for_connecting()
    {
        using var silent = new TcpListener(IPAddress.Loopback, 0);
        silent.Start();
        var clock = new FakeTimeProvider();
        await using var pool = new SshHostPool(clock);
        var slow = sshd.Endpoint with { Port = ((IPEndPoint)silent.LocalEndpoint).Port, ConnectTimeout = TimeSpan.FromSeconds(60) };
        var failing = Assert.ThrowsAsync<KlException>(() => pool.Open("lab", slow).RunAsync(new("true"), default));
        using var accepted = await silent.AcceptTcpClientAsync();
        clock.Advance(TimeSpan.FromSeconds(59));
        Assert.False(failing.IsCompleted);
        clock.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal("HostUnreachable", (await failing).ErrorId);
    }

    [SshdFact]
    public async Task A_connection_that_is_being_closed_is_not_reused()
    {
        using var link = await SshLink.OpenAsync("lab", sshd.Endpoint, null, TimeProvider.System, default);
        Assert.True(link.IsOpen);
        link.Dispose();
        Assert.False(link.IsOpen);
    }

    [SshdFact]
    public async Task A_machine_that_no_longer_responds_is_detected()
    {
        var clock = new FakeTimeProvider();
        await using var pool = new SshHostPool(clock);
        using var relay = new Relay(sshd.Port);
        var (running, process) = await SleepAsync(pool.Open("lab", sshd.Endpoint with { Port = relay.Port }));
        relay.Cut();
        await Sshd.UntilAsync(() => Pass(clock, TimeSpan.FromSeconds(10), running), "The lost machine was not detected.");
        Assert.Equal("ConnectionLost", (await Assert.ThrowsAsync<KlException>(() => running)).ErrorId);
        await sshd.InsideAsync("kill", process);
    }

    [SshdFact]
    public async Task A_command_on_a_responsive_machine_does_not_time_out()
    {
        var clock = new FakeTimeProvider();
        await using var pool = new SshHostPool(clock);
        var host = pool.Open("lab", sshd.Endpoint);
        var port = (await host.CheckAsync(new("sh", "-c", "echo $SSH_CONNECTION"), default)).Split(' ')[1];
        var (running, process) = await SleepAsync(host);
        for (var checks = 2; checks < 6; checks++)
        {
            clock.Advance(TimeSpan.FromSeconds(30));
            var closed = $"Close session: user root from 127.0.0.1 port {port} ";
            await Sshd.UntilAsync(
                () => File.ReadLines(sshd.File("log")).Count(line => line.Contains(closed, StringComparison.Ordinal)) >= checks,
                "The machine was not checked.");
        }
        Assert.False(running.IsCompleted);
        await sshd.InsideAsync("kill", process);
        Assert.Equal(128 + 15, (await running).ExitCode);
    }

    [SshdFact]
    public async Task Cancelling_a_command_on_a_machine_that_no_longer_responds_has_a_timeout()
    {
        var clock = new FakeTimeProvider();
        await using var pool = new SshHostPool(clock);
        using var relay = new Relay(sshd.Port);
        using var stop = new CancellationTokenSource();
        var (running, process) = await SleepAsync(pool.Open("lab", sshd.Endpoint with { Port = relay.Port }), "", "", stop.Token);
        relay.Cut();
        await stop.CancelAsync();
        await Sshd.UntilAsync(() => Pass(clock, TimeSpan.FromSeconds(1), running), "The command was not canceled.");
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running);
        await sshd.InsideAsync("kill", process);
    }

    [SshdFact]
    public async Task A_closed_port_refuses_the_connection()
    {
        var error = await FailAsync(sshd.Endpoint with { Port = Sshd.FreePort() });
        Assert.Equal(("ConnectionRefused", KlErrorKind.Unreachable), (error.ErrorId, error.Kind));
    }

    [SshdFact]
    public async Task An_unknown_host_name_is_unreachable()
    {
        var error = await FailAsync(sshd.Endpoint with { Host = "no-such-host.invalid" });
        Assert.Equal(("HostUnreachable", KlErrorKind.Unreachable), (error.ErrorId, error.Kind));
    }

    [SshdFact]
    public async Task A_port_that_sends_nothing_is_unreachable_after_a_timeout()
    {
        using var silent = new TcpListener(IPAddress.Loopback, 0);
        silent.Start();
        var clock = new FakeTimeProvider();
        await using var pool = new SshHostPool(clock);
        var host = pool.Open("lab", sshd.Endpoint with { Port = ((IPEndPoint)silent.LocalEndpoint).Port });
        var failing = Assert.ThrowsAsync<KlException>(() => host.RunAsync(new("true"), default));
        using var accepted = await silent.AcceptTcpClientAsync();
        clock.Advance(TimeSpan.FromSeconds(15));
        var error = await failing;
        Assert.Equal("HostUnreachable", error.ErrorId);
        Assert.Contains("no response before the timeout", error.Message, StringComparison.Ordinal);
    }

    [SshdFact]
    public async Task A_port_that_closes_the_connection_is_reported_as_unreachable_or_starting()
    {
        using var closing = new TcpListener(IPAddress.Loopback, 0);
        closing.Start();
        var accepting = closing.AcceptTcpClientAsync();
        var failing = FailAsync(sshd.Endpoint with { Port = ((IPEndPoint)closing.LocalEndpoint).Port });
        (await accepting).Dispose();
        var error = await failing;
        Assert.Equal("HostUnreachable", error.ErrorId);
        Assert.Contains("may still be starting", error.Message, StringComparison.Ordinal);
    }

    [SshdFact]
    public async Task Closing_the_pool_ends_pending_commands()
    {
        var pool = new SshHostPool(TimeProvider.System);
        var (running, process) = await SleepAsync(pool.Open("lab", sshd.Endpoint));
        await pool.DisposeAsync();
        Assert.Equal("ConnectionLost", (await Assert.ThrowsAsync<KlException>(() => running.WaitAsync(Gates.Timeout))).ErrorId);
        await sshd.InsideAsync("kill", process);
    }

    [SshdFact]
    public async Task Cancelling_while_connecting_cancels_the_attempt()
    {
        using var silent = new TcpListener(IPAddress.Loopback, 0);
        silent.Start();
        using var stop = new CancellationTokenSource();
        var host = _pool.Open("lab", sshd.Endpoint with { Port = ((IPEndPoint)silent.LocalEndpoint).Port });
        var running = host.RunAsync(new("true"), stop.Token);
        using var accepted = await silent.AcceptTcpClientAsync();
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running);
        var rest = new byte[1024];
        while (await accepted.GetStream().ReadAsync(rest).AsTask().WaitAsync(Gates.Timeout) > 0)
        {
        }
    }

    [SshdFact]
    public async Task After_a_failure_the_next_command_connects_again()
    {
        var port = Sshd.FreePort();
        var host = _pool.Open("lab", sshd.Endpoint with { Port = port });
        Assert.Equal("ConnectionRefused", (await Assert.ThrowsAsync<KlException>(() => host.RunAsync(new("true"), default))).ErrorId);
        using var relay = new Relay(sshd.Port, port);
        await host.CheckAsync(new("true"), default);
    }

    [SshdFact]
    public async Task A_machine_is_reached_through_jump_hosts()
    {
        var behind = sshd.Endpoint with { Port = sshd.SecondPort, Jump = sshd.Endpoint };
        var seen = await _pool.Open("behind", behind).CheckAsync(new("sh", "-c", "echo $SSH_CONNECTION"), default);
        Assert.EndsWith($" 127.0.0.1 {sshd.SecondPort}\n", seen, StringComparison.Ordinal);
        var twice = behind with { Jump = sshd.Endpoint with { Jump = sshd.Endpoint with { Port = sshd.SecondPort } } };
        await _pool.Open("twice", twice).CheckAsync(new("true"), default);
    }

    [SshdFact]
    public async Task Failures_behind_a_jump_host_are_distinguished()
    {
        var error = await FailAsync(sshd.Endpoint with { Port = Sshd.FreePort(), Jump = sshd.Endpoint });
        Assert.Equal("HostUnreachable", error.ErrorId);
        Assert.Contains($"through {sshd.Endpoint}", error.Message, StringComparison.Ordinal);
        var jump = await FailAsync(sshd.Endpoint with { Jump = sshd.Endpoint with { IdentityFile = sshd.File("unknown") } });
        Assert.Equal("AuthenticationFailed", jump.ErrorId);
        var changed = await FailAsync(sshd.Endpoint with { Jump = sshd.Endpoint, KnownHostsFile = sshd.File("none") });
        Assert.Equal("HostKeyUnknown", changed.ErrorId);
    }

    /// <summary>Starts a long-running command and returns its process ID.</summary>
    private static async Task<(Task<CommandResult> Running, string Process)> SleepAsync(
        IHost host, string before = "", string argument = "", CancellationToken stop = default)
    {
        var started = new TaskCompletionSource<string>();
        var command = new HostCommand("sh", "-c", before + "echo $$; exec sleep 1000", "sh", argument)
        {
            Output = line => started.TrySetResult(line.Text),
        };
        var running = host.RunAsync(command, stop);
        return (running, await started.Task.WaitAsync(Gates.Timeout, CancellationToken.None));
    }

    private static async Task<string> SessionAsync(IHost host) =>
        (await host.CheckAsync(new("sh", "-c", "ps -o ppid= -p $PPID"), default)).Trim();

    private async Task<KlException> FailAsync(SshEndpoint endpoint)
    {
        var error = await Assert.ThrowsAsync<KlException>(() => _pool.Open("lab", endpoint).RunAsync(new("true"), default));
        return error;
    }

    private static bool Pass(FakeTimeProvider clock, TimeSpan time, Task until)
    {
        clock.Advance(time);
        return until.IsCompleted;
    }
}
