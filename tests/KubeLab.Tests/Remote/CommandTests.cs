using System.Collections.Concurrent;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using KubeLab.Engine.Remote;
using KubeLab.Tests.Pipeline;
using Microsoft.Extensions.Time.Testing;

namespace KubeLab.Tests.Remote;

public sealed class CommandTests : IClassFixture<Sshd>, IDisposable
{
    // More than sshd buffers before the command reads it.
    private const int Big = 5 << 20;

    private readonly SshHostPool _pool = new(TimeProvider.System);
    private readonly Sshd _sshd;
    private readonly IHost _host;

    public CommandTests(Sshd sshd) => (_sshd, _host) = (sshd, _pool.Open("lab", sshd.Endpoint));

    public void Dispose() => _pool.DisposeAsync().AsTask().Wait();

    [SshdFact]
    public async Task A_command_returns_its_output_error_and_exit_code()
    {
        var result = await _host.RunAsync(new("sh", "-c", "echo out; echo err >&2; exit 7"), default);
        Assert.Equal(new CommandResult(7, "out\n", "err\n"), result);
    }

    [SshdTheory]
    [InlineData("")]
    [InlineData(" two  blanks ")]
    [InlineData("it's \"quoted\" `date` $HOME ${x} $(id) !! \\ * ? [a] {b,c} ~ # ; & | < > \t")]
    [InlineData("line one\nline two\n")]
    [InlineData("Grüße, 世界 🚀")]
    [InlineData("-n")]
    [InlineData("'")]
    public async Task An_argument_arrives_unchanged(string argument)
    {
        Assert.Equal(argument + "|", await _host.CheckAsync(new("printf", "%s|", argument), default));
    }

    [SshdFact]
    public async Task Input_reaches_the_command_without_a_command_line()
    {
        var secret = Encoding.UTF8.GetBytes("hunter2-" + Guid.NewGuid());
        const string script = "read -r secret; "
            + "printf %s \"$secret\" | grep -lazFf - /proc/[0-9]*/cmdline /proc/[0-9]*/environ 2>/dev/null | grep -v /self/ || true; "
            + "echo ${#secret}";
        var found = await _host.CheckAsync(new("sh", "-c", script) { Input = secret }, default);
        Assert.Equal($"{secret.Length}\n", found);
    }

    [SshdFact]
    public async Task A_script_that_reads_its_own_input_is_run_by_bash()
    {
        var command = HostCommand.Bash("set -euo pipefail\necho $# \"$1\" \"$2\"\n", "first", "second");
        Assert.Equal("2 first second\n", await _host.CheckAsync(command, default));
    }

    [SshdFact]
    public async Task Five_megabytes_of_binary_input_arrive_unchanged()
    {
        var input = RandomNumberGenerator.GetBytes(5 << 20);
        var sum = await _host.CheckAsync(new("sha256sum") { Input = input }, default);
        Assert.StartsWith(Convert.ToHexStringLower(SHA256.HashData(input)), sum, StringComparison.Ordinal);
    }

    [SshdFact]
    public async Task A_command_can_end_without_reading_its_input()
    {
        Assert.Equal("done\n", await _host.CheckAsync(new("echo", "done") { Input = new byte[Big] }, default));
    }

    // sshd reuses the number of a closed channel, so late input would reach the next command.
    [SshdFact]
    public async Task A_command_ends_after_all_of_its_input_was_read()
    {
        using var relay = new Relay(_sshd.Port);
        await _pool.Open("lab", _sshd.Endpoint with { Port = relay.Port }).CheckAsync(new("true") { Input = new byte[Big] }, default);
        Assert.InRange(relay.Sent, Big, 2 * Big);
    }

    [SshdFact]
    public async Task A_rejected_command_gets_no_input()
    {
        using var relay = new Relay(_sshd.Port);
        var host = _pool.Open("lab", _sshd.Endpoint with { Port = relay.Port, User = Sshd.Plain });
        var error = await Assert.ThrowsAsync<KlException>(() => host.RunAsync(new("cat") { Input = new byte[Big] }, default));
        Assert.Equal("SudoDenied", error.ErrorId);
        Assert.InRange(relay.Sent, 1, 1 << 20);
    }

    [SshdTheory]
    [InlineData("sleep 1000", 2 << 20)]
    [InlineData("while head -c 100000 >/dev/null; do sleep 0.01; done", 100_000)]
    public async Task A_canceled_command_gets_no_more_input_and_its_connection_stays_open(string script, int after)
    {
        using var relay = new Relay(_sshd.Port);
        // A clock on which no timeout expires.
        await using var pool = new SshHostPool(new FakeTimeProvider());
        var host = pool.Open("lab", _sshd.Endpoint with { Port = relay.Port });
        var connection = await host.CheckAsync(new("sh", "-c", "echo $SSH_CONNECTION"), default);
        using var stop = new CancellationTokenSource();
        var running = host.RunAsync(new("sh", "-c", script) { Input = new byte[20 * Big] }, stop.Token);
        await Sshd.UntilAsync(() => relay.Sent > after, "nothing is sent");
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running.WaitAsync(Gates.Timeout));
        Assert.InRange(relay.Sent, after, 10 * Big);
        Assert.Equal(connection, await host.CheckAsync(new("sh", "-c", "echo $SSH_CONNECTION"), default));
    }

    [SshdFact]
    public async Task Every_line_of_a_large_output_is_reported_and_its_end_is_kept()
    {
        long reported = 0;
        var command = new HostCommand("sh", "-c", "yes 1234567890123456789 | head -c 20000000; echo the end")
        {
            Output = line => reported += line.Text.Length + 1,
        };
        var result = await _host.RunAsync(command, default);
        Assert.Equal(20_000_000 + 8, reported);
        Assert.EndsWith("1234567890123456789\nthe end\n", result.Output, StringComparison.Ordinal);
        Assert.StartsWith("[", result.Output, StringComparison.Ordinal);
        Assert.InRange(result.Output.Length, 8 << 20, (16 << 20) + 100);
    }

    [SshdFact]
    public async Task Lines_are_reported_while_the_command_runs()
    {
        var lines = new ConcurrentQueue<OutputLine>();
        var reported = new TaskCompletionSource();
        var running = _host.RunAsync(new("sh", "-c", "echo one; echo two >&2; mkfifo $1; read -r x <$1; rm $1", "sh", _sshd.File("fifo"))
        {
            Output = line =>
            {
                lines.Enqueue(line);
                if (lines.Count == 2)
                    reported.SetResult();
            },
        }, default);
        await reported.Task.WaitAsync(Gates.Timeout);
        Assert.False(running.IsCompleted);
        await _host.CheckAsync(new("sh", "-c", "echo go >$1", "sh", _sshd.File("fifo")), default);
        Assert.Equal(0, (await running).ExitCode);
        Assert.Equivalent(new OutputLine[] { new("one", false), new("two", true) }, lines);
    }

    [SshdFact]
    public async Task An_exception_of_the_output_handler_is_thrown_after_the_command_ended()
    {
        await Assert.ThrowsAsync<InvalidDataException>(
            () => _host.RunAsync(new("seq", "100000") { Output = _ => throw new InvalidDataException() }, default));
    }

    [SshdFact]
    public async Task Concurrent_commands_share_one_connection()
    {
        await _host.RunAsync(new("true"), default);
        var results = await Task.WhenAll(Enumerable.Range(0, 30).Select(
            i => _host.CheckAsync(new("sh", "-c", "echo $SSH_CONNECTION $1", "sh", i.ToString(CultureInfo.InvariantCulture)), default)));
        Assert.Single(results.Select(result => string.Join(' ', result.Split(' ')[..4])).Distinct());
        Assert.Equal(Enumerable.Range(0, 30), results.Select(result => int.Parse(result.Split(' ')[4], CultureInfo.InvariantCulture)));
    }

    [SshdFact]
    public async Task A_signal_results_in_the_exit_code_of_a_shell()
    {
        Assert.Equal(128 + 9, (await _host.RunAsync(new("sh", "-c", "kill -KILL $$"), default)).ExitCode);
    }

    [SshdFact]
    public async Task A_missing_program_results_in_exit_code_127()
    {
        var result = await _host.RunAsync(new("no-such-program"), default);
        Assert.Equal(127, result.ExitCode);
        Assert.Contains("no-such-program", result.Error, StringComparison.Ordinal);
    }

    [SshdTheory]
    [InlineData("root", "sleep 1000 & sleep 1000 & echo $$ $!; wait")]
    [InlineData("root", "trap '' TERM; sleep 1000 & echo $$ $!; while :; do sleep 1000; done")]
    [InlineData(Sshd.Sudoer, "sleep 1000 & sleep 1000 & echo $$ $!; wait")]
    public async Task Cancelling_terminates_the_process_group(string user, string script)
    {
        var host = _pool.Open("lab", _sshd.Endpoint with { User = user });
        using var stop = new CancellationTokenSource();
        var processes = new TaskCompletionSource<int[]>();
        var running = host.RunAsync(HostCommand.Bash(script) with
        {
            Output = line => processes.TrySetResult([.. line.Text.Split(' ').Select(id => int.Parse(id, CultureInfo.InvariantCulture))]),
        }, stop.Token);
        var ids = await processes.Task.WaitAsync(Gates.Timeout);
        Assert.All(ids, id => Assert.True(_sshd.IsAlive(id)));
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running);
        Assert.All(ids, id => Assert.False(_sshd.IsAlive(id)));
    }

    [SshdFact]
    public async Task Sudo_is_used_only_for_root()
    {
        var host = _pool.Open("lab", _sshd.Endpoint with { User = Sshd.Sudoer });
        Assert.Equal("root\n", await host.CheckAsync(new("id", "-un"), default));
        Assert.Equal(Sshd.Sudoer + "\n", await host.CheckAsync(new("id", "-un") { AsRoot = false }, default));
    }

    [SshdFact]
    public async Task A_user_without_sudo_gets_a_next_step()
    {
        var host = _pool.Open("lab", _sshd.Endpoint with { User = Sshd.Plain });
        var error = await Assert.ThrowsAsync<KlException>(() => host.RunAsync(new("id"), default));
        Assert.Equal(("SudoDenied", KlErrorKind.Denied, "lab"), (error.ErrorId, error.Kind, error.Target));
        Assert.Contains("password is required", error.Message, StringComparison.Ordinal);
        Assert.Contains("NOPASSWD", error.NextStep, StringComparison.Ordinal);
    }

    [SshdFact]
    public async Task A_program_that_fails_under_sudo_is_not_a_sudo_error()
    {
        var host = _pool.Open("lab", _sshd.Endpoint with { User = Sshd.Sudoer });
        var result = await host.RunAsync(new("sh", "-c", "echo sudo: no >&2; exit 1"), default);
        Assert.Equal(new CommandResult(1, "", "sudo: no\n"), result);
    }
}
