using System.Diagnostics;
using System.Net.Sockets;
using System.Security.Cryptography;
using KubeLab.Engine.Remote;
using KubeLab.Tests.Pipeline;

namespace KubeLab.Tests.Remote;

/// <summary>An OpenSSH server of our own on the loopback, on two ports, with its own keys and files.</summary>
/// <remarks>It has its own mounts and process numbers (unshare): the users and the rules for sudo that it needs are in a copy of /etc
/// that nobody else sees, and when this process ends, however it ends, nothing of it is left.</remarks>
public sealed class Sshd : IAsyncLifetime
{
    // The first process of the namespace; with it all others end. Its standard input ends with this process.
    private const string First = """
        set -eu
        exec >"$1/start" 2>&1
        mount -t tmpfs tmpfs /run
        mount -t tmpfs tmpfs /var/log
        mkdir "$1/etc" /run/sshd
        mount -t tmpfs -o mode=755 tmpfs "$1/etc"
        cp -a /etc/. "$1/etc"
        mount --move "$1/etc" /etc
        for user in "${@:3}"; do
          useradd --system --shell /bin/bash --home-dir / "$user"
          printf '%s:%s\n' "$user" "$2"
        done | chpasswd
        printf '%s ALL=(ALL) NOPASSWD: ALL\n' "$3" >/etc/sudoers.d/kubelab-tests
        /usr/sbin/sshd -D -f "$1/config" -E "$1/log" &
        cat
        kill -KILL -1
        rm -rf "$1"
        """;

    private readonly string _folder = Directory.CreateTempSubdirectory("kubelab-sshd-").FullName;
    private Process? _server;
    private string _first = "";

    /// <summary>What is missing for it on this computer, or null.</summary>
    public static string? Missing { get; } = Needs.Missing(Needs.Namespaces, "nsenter", "sshd", "ssh-keygen", "sudo");

    /// <summary>A login that may use sudo without a password, and one that may not.</summary>
    public const string Sudoer = "kubelab-sudoer";

    public const string Plain = "kubelab-plain";

    /// <summary>One that each test sets up for itself: see <see cref="LoginAsync"/>.</summary>
    public const string Odd = "kubelab-odd";

    /// <summary>Of all of them.</summary>
    public static string Password { get; } = Guid.NewGuid().ToString("n");

    public int Port { get; } = FreePort();

    public int SecondPort { get; } = FreePort();

    public string Key => File("user");

    public string KnownHosts => File("known_hosts");

    public string HostKey => System.IO.File.ReadAllText(File("host.pub")).Trim();

    public SshEndpoint Endpoint => new("127.0.0.1", Port, "root") { IdentityFile = Key, KnownHostsFile = KnownHosts, HostKeyAlias = "lab" };

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

    /// <summary>Runs a program where the server runs.</summary>
    public Task<string> InsideAsync(string program, params string[] arguments) => RunAsync("nsenter", ["--target", _first, "--mount", "--pid", "--", program, .. arguments]);

    /// <summary>Looks until it is so, for half a minute at most.</summary>
    public static async Task UntilAsync(Func<bool> isSo, string what)
    {
        for (var watch = Stopwatch.StartNew(); !isSo(); await Task.Delay(20))
            Assert.True(watch.Elapsed < Gates.Patience, what);
    }

    /// <summary>Whether one of the server's processes is there and no zombie (proc(5), stat).</summary>
    public bool IsAlive(int process)
    {
        try
        {
            return !System.IO.File.ReadAllText($"/proc/{_first}/root/proc/{process}/stat").Contains(") Z ", StringComparison.Ordinal);
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
        await InsideAsync("usermod", "--shell", shell, "--home", File("odd"), Odd);
        await InsideAsync("chage", "-d", "-1", Odd);
        Directory.CreateDirectory(File("odd"));
        await InsideAsync("chown", Odd, File("odd"));
        await System.IO.File.WriteAllTextAsync(File("odd/.bashrc"), startUp);
        await System.IO.File.WriteAllTextAsync($"/proc/{_first}/root/etc/sudoers.d/kubelab-tests-odd", sudoers);
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
        if (Missing is not null)
            return;
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
        _server = Process.Start(new ProcessStartInfo("unshare", ["--mount", "--pid", "--fork", "--mount-proc", "bash", "-c", First, "first", _folder, Password, Sudoer, Plain, Odd]) { RedirectStandardInput = true })!;
        await UntilAsync(() => _server.HasExited || IsOpen(Port) && IsOpen(SecondPort), "sshd does not listen");
        Assert.False(_server.HasExited, await System.IO.File.ReadAllTextAsync(File("start")));
        _first = (await System.IO.File.ReadAllTextAsync($"/proc/{_server.Id}/task/{_server.Id}/children")).Trim();
    }

    public async Task DisposeAsync()
    {
        if (_server is not null)
        {
            _server.StandardInput.Close();
            await _server.WaitForExitAsync();
            _server.Dispose();
        }
        if (Directory.Exists(_folder))
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

/// <summary>A fact about the server.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class SshdFactAttribute : FactAttribute
{
    /// <summary>Skips the test where there can be none.</summary>
    public SshdFactAttribute() => Skip = Sshd.Missing!;
}

/// <summary>A theory about the server.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class SshdTheoryAttribute : TheoryAttribute
{
    /// <summary>Skips the test where there can be none.</summary>
    public SshdTheoryAttribute() => Skip = Sshd.Missing!;
}

/// <summary>One server for all tests of Remote.</summary>
[CollectionDefinition(nameof(Sshd))]
public sealed class SshdTests : ICollectionFixture<Sshd>;
