using System.Diagnostics;
using System.Net.Sockets;
using System.Security.Cryptography;
using KubeLab.Engine.Remote;
using KubeLab.Tests.Pipeline;

namespace KubeLab.Tests.Remote;

/// <summary>An OpenSSH server of our own on the loopback, on two ports, with its own keys and files.</summary>
public sealed class Sshd : IAsyncLifetime
{
    private readonly string _folder = Directory.CreateTempSubdirectory("kubelab-sshd-").FullName;
    private Process? _server;

    /// <summary>A login that may use sudo without a password, and one that may not.</summary>
    public const string Sudoer = "kubelab-sudoer";

    public const string Plain = "kubelab-plain";

    /// <summary>One that each test sets up for itself: see <see cref="LoginAsync"/>.</summary>
    public const string Odd = "kubelab-odd";

    private const string OddSudoers = "/etc/sudoers.d/kubelab-tests-odd";

    /// <summary>Of all of them.</summary>
    public static string Password { get; } = Guid.NewGuid().ToString("n");

    public int Port { get; } = FreePort();

    public int SecondPort { get; } = FreePort();

    public string Key => File("user");

    public string KnownHosts => File("known_hosts");

    public string HostKey => System.IO.File.ReadAllText(File("host.pub")).Trim();

    public SshEndpoint Endpoint => new("127.0.0.1", Port, Environment.UserName) { IdentityFile = Key, KnownHostsFile = KnownHosts, HostKeyAlias = "lab" };

    /// <summary>A port that nobody listens on, and that the system gives nobody who asks for any (ip_local_port_range).</summary>
    public static int FreePort()
    {
        int port;
        do
            port = RandomNumberGenerator.GetInt32(10_000, 30_000);
        while (IsOpen(port));
        return port;
    }

    /// <summary>Runs a program to its end.</summary>
    public static async Task<string> RunAsync(string program, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        var (output, error) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        await process.WaitForExitAsync();
        return process.ExitCode == 0 ? await output : throw new InvalidOperationException($"{program} {string.Join(' ', arguments)}: {await error}{await output}");
    }

    /// <summary>Looks until it is so, for half a minute at most.</summary>
    public static async Task UntilAsync(Func<bool> isSo, string what)
    {
        for (var watch = Stopwatch.StartNew(); !isSo(); await Task.Delay(20))
            Assert.True(watch.Elapsed < Gates.Patience, what);
    }

    /// <summary>Whether a process is there and no zombie (proc(5), stat).</summary>
    public static bool IsAlive(int process)
    {
        try
        {
            return !System.IO.File.ReadAllText($"/proc/{process}/stat").Contains(") Z ", StringComparison.Ordinal);
        }
        catch (IOException)
        {
            return false;
        }
    }

    public string File(string name) => Path.Combine(_folder, name);

    /// <summary>The login <see cref="Odd"/> with a shell, start-up files in its home, and lines for sudo.</summary>
    public async Task<SshEndpoint> LoginAsync(string shell, string startUp = "", string sudoers = "")
    {
        await RunAsync("usermod", "--shell", shell, "--home", File("odd"), Odd);
        await RunAsync("chage", "-d", "-1", Odd);
        Directory.CreateDirectory(File("odd"));
        await RunAsync("chown", Odd, File("odd"));
        await System.IO.File.WriteAllTextAsync(File("odd/.bashrc"), startUp);
        await System.IO.File.WriteAllTextAsync(OddSudoers, sudoers);
        return Endpoint with { User = Odd };
    }

    /// <summary>A key of its own, for which authorized_keys has options.</summary>
    public async Task<SshEndpoint> KeyAsync(string options)
    {
        var file = File("key-" + Guid.NewGuid());
        await RunAsync("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", file);
        await System.IO.File.AppendAllTextAsync(File("authorized_keys"), $"{options} {await System.IO.File.ReadAllTextAsync(file + ".pub")}");
        return Endpoint with { IdentityFile = file };
    }

    public async Task InitializeAsync()
    {
        Assert.True(Environment.UserName == "root", "These tests start an SSH server and log in as other users: run them as root.");
        await DebianPackages.NeedAsync("openssh-server", "openssh-client", "sudo");
        foreach (var key in (string[])["host", "user", "stranger"])
            await RunAsync("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", File(key));
        await RunAsync("ssh-keygen", "-q", "-t", "ecdsa", "-N", "", "-f", File("host_ecdsa"));
        // sshd's child of another user must be able to read the authorized keys.
        await RunAsync("chmod", "755", _folder);
        System.IO.File.Copy(Key + ".pub", File("authorized_keys"));
        await System.IO.File.WriteAllTextAsync(KnownHosts, $"lab {HostKey}\n");
        await System.IO.File.WriteAllTextAsync(File("config"), $"""
            Port {Port}
            Port {SecondPort}
            ListenAddress 127.0.0.1
            HostKey {File("host")}
            HostKey {File("host_ecdsa")}
            AuthorizedKeysFile {File("authorized_keys")}
            PidFile {File("pid")}
            StrictModes no
            UsePAM no
            PasswordAuthentication yes
            PermitRootLogin yes
            MaxStartups 100
            LogLevel VERBOSE

            """);
        Directory.CreateDirectory("/run/sshd");
        foreach (var user in (string[])[Sudoer, Plain, Odd])
            if (!(await System.IO.File.ReadAllTextAsync("/etc/passwd")).Contains($"\n{user}:", StringComparison.Ordinal))
                await RunAsync("useradd", "--system", "--shell", "/bin/bash", "--home-dir", "/", "--password", "*", user);
        await RunAsync("sh", "-c", $"printf '%s:{Password}\\n' {Plain} {Sudoer} {Odd} | chpasswd");
        await System.IO.File.WriteAllTextAsync("/etc/sudoers.d/kubelab-tests", $"{Sudoer} ALL=(ALL) NOPASSWD: ALL\n");
        _server = Process.Start(new ProcessStartInfo("/usr/sbin/sshd", ["-D", "-f", File("config"), "-E", File("log")]));
        await UntilAsync(() => IsOpen(Port) && IsOpen(SecondPort), "sshd does not listen: " + _server!.HasExited);
    }

    public async Task DisposeAsync()
    {
        if (_server is not null)
        {
            _server.Kill();
            await _server.WaitForExitAsync();
            _server.Dispose();
        }
        System.IO.File.Delete("/etc/sudoers.d/kubelab-tests");
        System.IO.File.Delete(OddSudoers);
        foreach (var user in (string[])[Sudoer, Plain, Odd])
            await RunAsync("userdel", "--force", user);
        Directory.Delete(_folder, recursive: true);
    }

    private static bool IsOpen(int port)
    {
        try
        {
            using var client = new TcpClient("127.0.0.1", port);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}

/// <summary>One server for all tests of Remote.</summary>
[CollectionDefinition(nameof(Sshd))]
public sealed class SshdTests : ICollectionFixture<Sshd>;
