using System.Diagnostics;
using KubeLab.Engine.Remote;
using KubeLab.Tests.Pipeline;

namespace KubeLab.Tests.Remote;

/// <summary>Logins that do not run the command that they are given: it is never reported as done.</summary>
[Collection(nameof(Sshd))]
public sealed class NotStartedTests(Sshd sshd) : IDisposable
{
    private const string Sudo = "kubelab-odd ALL=(ALL) NOPASSWD: ALL\n";

    private readonly LimitClock _clock = new(TimeSpan.FromSeconds(20));
    private readonly List<SshHostPool> _pools = [];

    public void Dispose() => Assert.All(_pools, pool => pool.DisposeAsync().AsTask().Wait());

    [Theory]
    [InlineData("true", "and said nothing", "authorized_keys")]
    [InlineData("exit 3", "exit code 3 and said nothing", "authorized_keys")]
    [InlineData("echo 'Please login as the user \\\"debian\\\" rather than the user \\\"root\\\".'", "rather than the user", "Log in as 'debian'.")]
    [InlineData("echo \\\"$SSH_ORIGINAL_COMMAND\\\"", "exit code 0", "authorized_keys")]
    [InlineData("echo \\\"$SSH_ORIGINAL_COMMAND\\\" | tr -d \\\"'\\\"", "exit code 0", "authorized_keys")]
    [InlineData("echo no room >&2; kill -9 $$", "no room", "authorized_keys")]
    [InlineData("yes | head -c 9000000", "y\ny", "authorized_keys")]
    public async Task A_forced_command_is_not_the_command(string forced, string said, string next)
    {
        var login = await sshd.KeyAsync($"command=\"{forced}\"");
        var ran = sshd.File("ran-" + Guid.NewGuid());
        await FailAsync(login, said, next, new("touch", ran));
        await FailAsync(login with { User = Sshd.Plain }, said, next, new("touch", ran) { AsRoot = false });
        var host = Open(login);
        Assert.Equal("CommandNotStarted", (await Assert.ThrowsAsync<KlException>(() => host.WriteAsync(new(ran, "x"u8.ToArray()), default))).ErrorId);
        Assert.Equal("CommandNotStarted", (await Assert.ThrowsAsync<KlException>(() => host.CheckAsync(HostCommand.Bash("touch \"$1\"", ran), default))).ErrorId);
        Assert.False(File.Exists(ran));
    }

    [Theory]
    [InlineData("/bin/true", "said nothing", "~/.bashrc")]
    [InlineData("/bin/false", "exit code 1 and said nothing", "~/.bashrc")]
    [InlineData("/usr/sbin/nologin", "may not log in", "login shell such as /bin/bash")]
    [InlineData("/bin/rbash", "restricted", "~/.bashrc")]
    [InlineData("/usr/bin/git-shell", "unrecognized command", "~/.bashrc")]
    public async Task A_login_shell_that_runs_nothing_is_named(string shell, string said, string next)
    {
        if (shell.EndsWith("git-shell", StringComparison.Ordinal))
            await DebianPackages.NeedAsync("git");
        var login = await sshd.LoginAsync(shell, sudoers: Sudo);
        await FailAsync(login, said, next);
        await FailAsync(login, said, next, new("true") { AsRoot = false });
    }

    [Theory]
    [InlineData("exit", "exit code 0 and said nothing")]
    [InlineData("echo Enough.; exit 4", "Enough.")]
    [InlineData("exec echo elsewhere", "elsewhere")]
    [InlineData("exec /bin/true", "said nothing")]
    public async Task A_start_up_file_that_ends_the_shell_is_named(string startUp, string said)
    {
        await FailAsync(await sshd.LoginAsync("/bin/bash", startUp, Sudo), said, "~/.bashrc");
    }

    [Theory]
    [InlineData("echo Thinking...; touch BEGUN; exec sleep 1000", "Thinking...")]
    [InlineData("touch BEGUN; while :; do :; done", "20 seconds and said nothing")]
    [InlineData("echo What is your name?; touch BEGUN; read -r name", "What is your name?")]
    [InlineData("touch BEGUN; exec cat", "20 seconds and said nothing")]
    [InlineData("touch BEGUN; exec >/dev/null 2>&1; sleep 1000", "20 seconds and said nothing")]
    [InlineData("echo menu >&2; touch BEGUN; trap '' TERM HUP; sleep 1000", "menu")]
    [InlineData("echo noise; touch BEGUN; while sleep 0.01; do echo noise; done", "noise")]
    public async Task A_start_up_file_that_never_ends_is_given_seconds(string startUp, string said)
    {
        var begun = sshd.File("odd/" + Guid.NewGuid());
        var failing = FailAsync(await sshd.LoginAsync("/bin/bash", startUp.Replace("BEGUN", begun, StringComparison.Ordinal), Sudo), said, "~/.bashrc");
        await Sshd.UntilAsync(() => File.Exists(begun) && _clock.Begun > 0, "it is not given to the login");
        _clock.Advance(_clock.Limit);
        await failing.WaitAsync(Gates.Patience);
        await Sshd.UntilAsync(() => !Lives(), "the shell lives on");
    }

    [Fact]
    public async Task A_login_for_files_alone_is_refused_and_not_waited_for()
    {
        var failing = FailAsync(await sshd.KeyAsync("command=\"internal-sftp\""), "was not run", "ForceCommand");
        // It may end by itself at what it takes for a broken packet.
        await Sshd.UntilAsync(() => _clock.Begun > 0 || failing.IsCompleted, "it is not given to the login");
        _clock.Advance(_clock.Limit);
        await failing.WaitAsync(Gates.Patience);
    }

    [Fact]
    public async Task A_start_up_file_that_never_ends_can_be_left()
    {
        var begun = sshd.File("odd/" + Guid.NewGuid());
        var login = await sshd.LoginAsync("/bin/bash", $"touch {begun}; exec sleep 1000", Sudo);
        using var stop = new CancellationTokenSource();
        var running = Open(login).RunAsync(new("true"), stop.Token);
        await Sshd.UntilAsync(() => File.Exists(begun), "it does not begin");
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running.WaitAsync(Gates.Patience));
        await Sshd.UntilAsync(() => !Lives(), "the shell lives on");
    }

    [Theory]
    [InlineData("echo Welcome!", "")]
    [InlineData("printf 'no line end '", "")]
    [InlineData("seq 200000; printf %070000d 0", "")]
    [InlineData("echo oops >&2", "oops\n")]
    [InlineData("PATH=/usr/bin:/bin; alias exec=false; unalias exec", "")]
    public async Task What_a_start_up_file_says_is_not_of_the_command(string startUp, string error)
    {
        var result = await Open(await sshd.LoginAsync("/bin/bash", startUp, Sudo)).RunAsync(new("sh", "-c", "id -un; exit 5"), default);
        Assert.Equal(new CommandResult(5, "root\n", error), result);
    }

    [Theory]
    [InlineData("/bin/sh", null)]
    [InlineData("/usr/bin/zsh", "zsh")]
    [InlineData("/usr/bin/fish", "fish")]
    [InlineData("/usr/bin/tcsh", "tcsh")]
    public async Task Any_login_shell_gives_arguments_as_they_are(string shell, string? package)
    {
        if (package is not null)
            await DebianPackages.NeedAsync(package);
        var login = await sshd.LoginAsync(shell, sudoers: Sudo);
        string[] words = ["", "it's \"so\" \\ \\\\ \\' $HOME `id` !! ! $(id) * ~ # ; & {a,b} %1 ^x", "line one\nline two\n\n", "\n", "\t tab ", "-n", "Grüße 🚀", "\r\n"];
        foreach (var asRoot in (bool[])[true, false])
            Assert.Equal(string.Join('|', words) + "|", await Open(login).CheckAsync(new("printf", ["%s|", .. words]) { AsRoot = asRoot }, default));
        await Open(login).WriteAsync(new(sshd.File("odd/written"), "content"u8.ToArray()), default);
        Assert.Equal("content", await File.ReadAllTextAsync(sshd.File("odd/written")));
        using var stop = new CancellationTokenSource();
        var begun = new TaskCompletionSource();
        var running = Open(login).RunAsync(HostCommand.Bash("echo; sleep 1000") with { Output = _ => begun.TrySetResult() }, stop.Token);
        await begun.Task.WaitAsync(Gates.Patience);
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running.WaitAsync(Gates.Patience));
    }

    [Theory]
    [InlineData("Defaults:kubelab-odd requiretty\n" + Sudo, "", "requiretty", "!requiretty")]
    [InlineData("kubelab-odd ALL=(ALL) ALL\n", "", "without a password", "NOPASSWD")]
    [InlineData("", "", "without a password", "NOPASSWD")]
    [InlineData("kubelab-odd ALL=(ALL) NOPASSWD: /bin/ls\n", "", "sudo", "NOPASSWD")]
    [InlineData(Sudo, "PATH=/nowhere", "sudo is not installed", "install sudo")]
    public async Task Sudo_that_refuses_says_why(string sudoers, string startUp, string said, string next)
    {
        var login = await sshd.LoginAsync("/bin/bash", startUp, sudoers);
        await FailAsync(login, said, next, errorId: "SudoDenied");
    }

    [Fact]
    public async Task A_login_shell_that_is_missing_ends_the_login()
    {
        var error = await Assert.ThrowsAsync<KlException>(async () => await Open(await sshd.LoginAsync("/no/such/shell")).RunAsync(new("true"), default));
        Assert.Equal("AuthenticationFailed", error.ErrorId);
    }

    [Fact]
    public async Task A_password_that_has_expired_is_named()
    {
        var login = await sshd.LoginAsync("/bin/bash", sudoers: Sudo);
        await Sshd.RunAsync("chage", "-d", "0", Sshd.Odd);
        await FailAsync(login.As(new(Sshd.Odd, Sshd.Password)), "the password or account of kubelab-odd has expired", "change the password");
    }

    [Theory]
    [InlineData(false, "You are required to change your password immediately (administrator enforced).", "CommandNotStarted", "of bob has expired")]
    [InlineData(false, "System is going down for maintenance.", "CommandNotStarted", "going down")]
    [InlineData(true, "sudo: Account or password is expired, reset your password and try again", "SudoDenied", "has expired")]
    [InlineData(true, "sudo: account validation failure, is your account locked?", "SudoDenied", "has expired")]
    [InlineData(true, "bob is not in the sudoers file.", "SudoDenied", "bob may not use sudo")]
    [InlineData(true, "sudo: error in /etc/sudo.conf", "SudoDenied", "sudo did not run it for bob")]
    public void What_the_machine_said_is_understood(bool bySudo, string said, string errorId, string why)
    {
        var error = NotStarted.Error("lab", "bob", new("true"), "It ended with exit code 1", said, bySudo);
        Assert.Equal(errorId, error.ErrorId);
        Assert.Contains(why, error.Message, StringComparison.Ordinal);
        Assert.Contains(said, error.Message, StringComparison.Ordinal);
    }

    private IHost Open(SshEndpoint login)
    {
        _pools.Add(new(_clock));
        return _pools[^1].Open("lab", login);
    }

    private async Task FailAsync(SshEndpoint login, string said, string next, HostCommand? command = null, string errorId = "CommandNotStarted")
    {
        var error = await Assert.ThrowsAsync<KlException>(() => Open(login).RunAsync(command ?? new("true"), default));
        Assert.Equal((errorId, KlErrorKind.Denied, "lab"), (error.ErrorId, error.Kind, error.Target));
        Assert.Contains(said, error.Message, StringComparison.Ordinal);
        Assert.InRange(error.Message.Length, 1, 3000);
        Assert.Contains(next, error.NextStep, StringComparison.Ordinal);
    }

    // sshd's own process for the login stays.
    private static bool Lives()
    {
        using var look = Process.Start(new ProcessStartInfo("pgrep", ["-x", "-u", Sshd.Odd, "bash|sleep|cat"]) { RedirectStandardOutput = true })!;
        look.WaitForExit();
        return look.ExitCode == 0;
    }
}
