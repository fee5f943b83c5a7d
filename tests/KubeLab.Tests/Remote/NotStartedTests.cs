using KubeLab.Engine;
using KubeLab.Engine.Machines.Ssh;
using KubeLab.Engine.Remote;
using KubeLab.Tests.Pipeline;

namespace KubeLab.Tests.Remote;

/// <summary>Logins that do not run the command. The command must not be reported as done.</summary>
public sealed class NotStartedTests(Sshd sshd) : IClassFixture<Sshd>, IDisposable
{
    private const string Sudo = "kubelab-custom ALL=(ALL) NOPASSWD: ALL\n";

    private readonly TimeoutClock _clock = new(TimeSpan.FromSeconds(20));
    private readonly List<SshHostPool> _pools = [];

    public void Dispose() => Assert.All(_pools, pool => pool.DisposeAsync().AsTask().Wait());

    [SshdTheory]
    [InlineData("true", "without output", "authorized_keys")]
    [InlineData("exit 3", "exit code 3 without output", "authorized_keys")]
    [InlineData("echo 'Please login as the user \\\"debian\\\" rather than the user \\\"root\\\".'", "rather than the user", "Log in as 'debian'.")]
    [InlineData("echo \\\"$SSH_ORIGINAL_COMMAND\\\"", "exit code 0", "authorized_keys")]
    [InlineData("echo \\\"$SSH_ORIGINAL_COMMAND\\\" | tr -d \\\"'\\\"", "exit code 0", "authorized_keys")]
    [InlineData("echo no room >&2; kill -9 $$", "no room", "authorized_keys")]
    [InlineData("yes | head -c 3000000", "y\ny", "authorized_keys")]
    public async Task A_forced_command_is_not_reported_as_the_command(string forced, string output, string next)
    {
        var login = await sshd.KeyAsync($"command=\"{forced}\"");
        var ran = sshd.File("ran-" + Guid.NewGuid());
        await FailAsync(login, output, next, new("touch", ran));
        await FailAsync(login with { User = Sshd.Plain }, output, next, new("touch", ran) { AsRoot = false });
        var host = Open(login);
        var write = await Assert.ThrowsAsync<KlException>(() => host.WriteAsync(new(ran, "x"u8.ToArray()), default));
        var script = await Assert.ThrowsAsync<KlException>(() => host.CheckAsync(HostCommand.Bash("touch \"$1\"", ran), default));
        Assert.Equal(("CommandNotStarted", "CommandNotStarted"), (write.ErrorId, script.ErrorId));
        Assert.False(File.Exists(ran));
    }

    [SshdTheory]
    [InlineData("New-KlVm rack -HostName forced")]
    [InlineData("$vm | Install-KlKubeadm")]
    [InlineData("$vm | Restart-KlVm")]
    public async Task A_cmdlet_does_not_report_success_for_a_forced_command(string script)
    {
        var login = await sshd.KeyAsync("command=\"echo 'Please log in as debian.'\"");
        var (config, inventory) = (sshd.File("config-" + Guid.NewGuid()), sshd.File("inventory-" + Guid.NewGuid()));
        await File.WriteAllTextAsync(config, $"""
            Host forced
              HostName 127.0.0.1
              Port {login.Port}
              User root
              IdentityFile {login.IdentityFile}
              UserKnownHostsFile {login.KnownHostsFile}
              HostKeyAlias lab
            """);
        await using var hosts = new SshHostPool(TimeProvider.System);
        var engine = new LabEngine(hosts, [new SshProvider(hosts, TimeProvider.System, inventory, () => SshConfig.Read(config))], TimeProvider.System);
        var vm = new Machine
        {
            Name = "rack-1", Lab = "rack", Provider = "Ssh", Id = "forced", State = "Running", Address = "127.0.0.1", ApiEndpoint = "127.0.0.1:6443",
            Ssh = login,
        };
        var result = Shell.Run(script, engine, new Dictionary<string, object?> { ["vm"] = vm });
        var error = Assert.Single(result.Errors);
        Assert.StartsWith("CommandNotStarted,", error.FullyQualifiedErrorId, StringComparison.Ordinal);
        Assert.Contains("Please log in as debian.", error.ToString(), StringComparison.Ordinal);
        Assert.Empty(result.Output);
        Assert.All(result.Stages, stage => Assert.Equal(0, stage.Changes));
        Assert.False(File.Exists(inventory));
    }

    [SshdTheory]
    [InlineData("/bin/true", "without output", "~/.bashrc")]
    [InlineData("/bin/false", "exit code 1 without output", "~/.bashrc")]
    [InlineData("/usr/sbin/nologin", "may not log in", "a shell such as /bin/bash")]
    [InlineData("/bin/rbash", "restricted", "~/.bashrc")]
    [ProgramData("/usr/bin/git-shell", "unrecognized command", "~/.bashrc")]
    public async Task A_login_shell_that_runs_no_commands_is_reported(string shell, string output, string next)
    {
        var login = await sshd.LoginAsync(shell, sudoers: Sudo);
        await FailAsync(login, output, next);
        await FailAsync(login, output, next, new("true") { AsRoot = false });
    }

    [SshdTheory]
    [InlineData("exit", "exit code 0 without output")]
    [InlineData("echo Enough.; exit 4", "Enough.")]
    [InlineData("exec echo elsewhere", "elsewhere")]
    [InlineData("exec /bin/true", "without output")]
    public async Task A_startup_file_that_exits_is_reported(string startup, string output)
    {
        await FailAsync(await sshd.LoginAsync("/bin/bash", startup, Sudo), output, "~/.bashrc");
    }

    [SshdTheory]
    [InlineData("echo Thinking...; touch STARTED; exec sleep 1000", "Thinking...")]
    [InlineData("touch STARTED; while :; do :; done", "20 seconds without output")]
    [InlineData("echo What is your name?; touch STARTED; read -r name", "What is your name?")]
    [InlineData("touch STARTED; exec cat", "20 seconds without output")]
    [InlineData("touch STARTED; exec >/dev/null 2>&1; sleep 1000", "20 seconds without output")]
    [InlineData("echo menu >&2; touch STARTED; trap '' TERM HUP; sleep 1000", "menu")]
    [InlineData("echo noise; touch STARTED; while sleep 0.01; do echo noise; done", "noise")]
    public async Task A_startup_file_that_does_not_end_times_out(string startup, string output)
    {
        var started = sshd.File("custom/" + Guid.NewGuid());
        var login = await sshd.LoginAsync("/bin/bash", startup.Replace("STARTED", started, StringComparison.Ordinal), Sudo);
        var failing = FailAsync(login, output, "~/.bashrc");
        await Sshd.UntilAsync(() => File.Exists(started) && _clock.Started > 0, "The command was not sent.");
        _clock.Advance(_clock.Timeout);
        await failing.WaitAsync(Gates.Timeout);
        await EndsAsync();
    }

    [SshdFact]
    public async Task A_login_only_for_sftp_is_reported()
    {
        var failing = FailAsync(await sshd.KeyAsync("command=\"internal-sftp\""), "was not run", "ForceCommand");
        // It may end by itself because the command looks like an invalid packet.
        await Sshd.UntilAsync(() => _clock.Started > 0 || failing.IsCompleted, "The command was not sent.");
        _clock.Advance(_clock.Timeout);
        await failing.WaitAsync(Gates.Timeout);
    }

    [SshdFact]
    public async Task A_startup_file_that_does_not_end_can_be_canceled()
    {
        var started = sshd.File("custom/" + Guid.NewGuid());
        var login = await sshd.LoginAsync("/bin/bash", $"touch {started}; exec sleep 1000", Sudo);
        using var stop = new CancellationTokenSource();
        var running = Open(login).RunAsync(new("true"), stop.Token);
        await Sshd.UntilAsync(() => File.Exists(started), "The startup file did not start.");
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running.WaitAsync(Gates.Timeout));
        await EndsAsync();
    }

    [SshdFact]
    public async Task A_startup_file_that_does_not_end_can_be_canceled_before_the_server_has_answered()
    {
        using var relay = new Relay(sshd.Port);
        var started = sshd.File("custom/" + Guid.NewGuid());
        var host = Open(await sshd.LoginAsync("/bin/bash", sudoers: Sudo) with { Port = relay.Port });
        await host.CheckAsync(new("true"), default);
        await sshd.LoginAsync("/bin/bash", $"touch {started}; exec sleep 1000", Sudo);
        using var stop = new CancellationTokenSource();
        // The channel is opened, and the answer to the request to start the shell is late.
        relay.Hold(passing: 1);
        var running = host.RunAsync(new("true"), stop.Token);
        await Sshd.UntilAsync(() => File.Exists(started), "The startup file did not start.");
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running.WaitAsync(Gates.Timeout));
        relay.Release();
        await EndsAsync();
    }

    [SshdTheory]
    [InlineData("echo Welcome!", "")]
    [InlineData("printf 'no line end '", "")]
    [InlineData("seq 200000; printf %070000d 0", "")]
    [InlineData("echo oops >&2", "oops\n")]
    [InlineData("PATH=/usr/bin:/bin; alias exec=false; unalias exec", "")]
    public async Task Output_of_a_startup_file_does_not_belong_to_the_command(string startup, string error)
    {
        var result = await Open(await sshd.LoginAsync("/bin/bash", startup, Sudo)).RunAsync(new("sh", "-c", "id -un; exit 5"), default);
        Assert.Equal(new CommandResult(5, "root\n", error), result);
    }

    [SshdTheory]
    [ProgramData("/bin/sh")]
    [ProgramData("/usr/bin/zsh")]
    [ProgramData("/usr/bin/fish")]
    [ProgramData("/usr/bin/tcsh")]
    public async Task Every_login_shell_passes_arguments_unchanged(string shell)
    {
        var login = await sshd.LoginAsync(shell, sudoers: Sudo);
        string[] words =
        [
            "", "it's \"so\" \\ \\\\ \\' $HOME `id` !! ! $(id) * ~ # ; & {a,b} %1 ^x", "line one\nline two\n\n", "\n", "\t tab ", "-n", "Grüße 🚀", "\r\n",
        ];
        foreach (var asRoot in (bool[])[true, false])
            Assert.Equal(string.Join('|', words) + "|", await Open(login).CheckAsync(new("printf", ["%s|", .. words]) { AsRoot = asRoot }, default));
        await Open(login).WriteAsync(new(sshd.File("custom/written"), "content"u8.ToArray()), default);
        Assert.Equal("content", await File.ReadAllTextAsync(sshd.File("custom/written")));
        using var stop = new CancellationTokenSource();
        var started = new TaskCompletionSource();
        var running = Open(login).RunAsync(HostCommand.Bash("echo; sleep 1000") with { Output = _ => started.TrySetResult() }, stop.Token);
        await started.Task.WaitAsync(Gates.Timeout);
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running.WaitAsync(Gates.Timeout));
        await EndsAsync();
    }

    [SshdTheory]
    [InlineData("Defaults:kubelab-custom requiretty\n" + Sudo, "", "requiretty", "!requiretty")]
    [InlineData("kubelab-custom ALL=(ALL) ALL\n", "", "without a password", "NOPASSWD")]
    [InlineData("", "", "without a password", "NOPASSWD")]
    [InlineData("kubelab-custom ALL=(ALL) NOPASSWD: /bin/ls\n", "", "sudo", "NOPASSWD")]
    [InlineData(Sudo, "PATH=/nowhere", "sudo is not installed", "install sudo")]
    public async Task A_rejection_by_sudo_is_explained(string sudoers, string startup, string output, string next)
    {
        var login = await sshd.LoginAsync("/bin/bash", startup, sudoers);
        await FailAsync(login, output, next, errorId: "SudoDenied");
    }

    [SshdTheory]
    [InlineData(false, "System is going down for maintenance.", "CommandNotStarted")]
    [InlineData(false, "", "CommandNotStarted")]
    [InlineData(true, "System is going down for maintenance.", "HostUnreachable")]
    public async Task A_machine_with_etc_nologin_rejects_all_users_but_root(bool usesPam, string message, string errorId)
    {
        var (port, nologin, ran) = (sshd.Port, "/etc/nologin", sshd.File("ran-" + Guid.NewGuid()));
        await sshd.InsideAsync("sh", "-c", "printf %s \"$1\" >\"$2\"", "sh", message, nologin);
        try
        {
            if (usesPam)
                port = await sshd.StartAsync("UsePAM yes");
            var host = Open(sshd.Endpoint with { User = Sshd.Sudoer, Port = port });
            foreach (var work in (Func<Task>[])[() => host.RunAsync(new("touch", ran), default),
                () => host.RunAsync(new("touch", ran) { AsRoot = false }, default), () => host.WriteAsync(new(ran, "x"u8.ToArray()), default)])
            {
                var error = await Assert.ThrowsAsync<KlException>(work);
                Assert.Equal(errorId, error.ErrorId);
                Assert.Contains(message, error.Message, StringComparison.Ordinal);
                if (!usesPam)
                    Assert.Contains("/etc/nologin", error.NextStep, StringComparison.Ordinal);
            }
            Assert.False(File.Exists(ran));
            await Open(sshd.Endpoint with { Port = port }).CheckAsync(new("true"), default);
        }
        finally
        {
            await sshd.InsideAsync("rm", nologin);
        }
    }

    [SshdFact]
    public async Task A_missing_login_shell_rejects_the_login()
    {
        var host = Open(await sshd.LoginAsync("/no/such/shell"));
        var error = await Assert.ThrowsAsync<KlException>(() => host.RunAsync(new("true"), default));
        Assert.Equal("AuthenticationFailed", error.ErrorId);
    }

    [SshdFact]
    public async Task An_expired_password_is_reported()
    {
        var login = await sshd.LoginAsync("/bin/bash", sudoers: Sudo);
        await sshd.InsideAsync("chage", "-d", "0", Sshd.Custom);
        await FailAsync(login.As(new(Sshd.Custom, Sshd.Password)), "the password or account of kubelab-custom has expired", "change the password");
    }

    [SshdTheory]
    [InlineData(false, "You are required to change your password immediately (administrator enforced).", "CommandNotStarted", "of bob has expired")]
    [InlineData(false, "System is going down for maintenance.", "CommandNotStarted", "going down")]
    [InlineData(true, "sudo: Account or password is expired, reset your password and try again", "SudoDenied", "has expired")]
    [InlineData(true, "sudo: account validation failure, is your account locked?", "SudoDenied", "has expired")]
    [InlineData(true, "bob is not in the sudoers file.", "SudoDenied", "bob may not use sudo")]
    [InlineData(true, "sudo: error in /etc/sudo.conf", "SudoDenied", "sudo did not run the command for bob")]
    public void The_output_of_the_machine_is_explained(bool bySudo, string output, string errorId, string why)
    {
        var error = NotStarted.Error("lab", "bob", new("true"), "It failed with exit code 1", output, bySudo);
        Assert.Equal(errorId, error.ErrorId);
        Assert.Contains(why, error.Message, StringComparison.Ordinal);
        Assert.Contains(output, error.Message, StringComparison.Ordinal);
    }

    private IHost Open(SshEndpoint login)
    {
        _pools.Add(new(_clock));
        return _pools[^1].Open("lab", login);
    }

    private async Task FailAsync(SshEndpoint login, string output, string next, HostCommand? command = null, string errorId = "CommandNotStarted")
    {
        var error = await Assert.ThrowsAsync<KlException>(() => Open(login).RunAsync(command ?? new("true"), default));
        Assert.Equal((errorId, KlErrorKind.Denied, "lab"), (error.ErrorId, error.Kind, error.Target));
        Assert.Contains(output, error.Message, StringComparison.Ordinal);
        Assert.InRange(error.Message.Length, 1, 3000);
        Assert.Contains(next, error.NextStep, StringComparison.Ordinal);
    }

    // sshd's process for the login keeps running.
    private async Task EndsAsync() =>
        await sshd.InsideAsync("timeout", "30", "sh", "-c", $"while pgrep -x -a -u {Sshd.Custom} 'bash|sleep|cat'; do sleep 0.02; done");
}
