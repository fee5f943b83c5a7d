using System.Diagnostics;
using System.Net.Sockets;
using System.Security.Cryptography;
using KubeLab.Engine.Remote;
using KubeLab.Tests.Pipeline;

namespace KubeLab.Tests.Remote;

/// <summary>An OpenSSH server for tests on two loopback ports, with its own keys and files.</summary>
/// <remarks>It runs in its own mount and PID namespaces (unshare). Its users and sudo rules are in a private copy of /etc, and
/// root's startup files are hidden.
/// All of its processes and files are removed when this process ends, even if it is killed.</remarks>
public sealed class Sshd : IAsyncLifetime
{
    // PID 1 of the namespace. All other processes end with it. Its standard input is closed when this process ends.
    private const string InitScript = """
        set -eu
        exec >"$1/start" 2>&1
        mount -t tmpfs tmpfs /run
        mount -t tmpfs tmpfs /var/log
        mkdir "$1/etc" /run/sshd
        mount -t tmpfs -o mode=755 tmpfs "$1/etc"
        cp -a /etc/. "$1/etc"
        mount --move "$1/etc" /etc
        # Tests end logins of root at any point. This must not interrupt the startup files of the user who runs the tests, nor depend on them.
        for file in /root/.bashrc /root/.profile /root/.bash_profile /root/.bash_login; do
          if [ -e "$file" ]; then mount --bind /dev/null "$file"; fi
        done
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
    private string _init = "";

    /// <summary>A message about missing requirements of the server, or null.</summary>
    public static string? Missing { get; } = Needs.Missing(Needs.Namespaces, "nsenter", "sshd", "ssh-keygen", "sudo");

    /// <summary>A user that can use sudo without a password.</summary>
    public const string Sudoer = "kubelab-sudoer";

    /// <summary>A user that cannot use sudo.</summary>
    public const string Plain = "kubelab-plain";

    /// <summary>A user that tests configure with <see cref="LoginAsync"/>.</summary>
    public const string Custom = "kubelab-custom";

    /// <summary>The password of these users.</summary>
    public static string Password { get; } = Guid.NewGuid().ToString("n");

    public int Port { get; } = FreePort();

    public int SecondPort { get; } = FreePort();

    public string Key => File("user");

    public string KnownHosts => File("known_hosts");

    public string HostKey => System.IO.File.ReadAllText(File("host.pub")).Trim();

    public SshEndpoint Endpoint => new("127.0.0.1", Port, "root") { IdentityFile = Key, KnownHostsFile = KnownHosts, HostKeyAlias = "lab" };

    /// <summary>A port on which no process listens, below the ephemeral ports (ip_local_port_range).</summary>
    public static int FreePort()
    {
        int port;
        do
            port = RandomNumberGenerator.GetInt32(10_000, 30_000);
        while (IsOpen(port));
        return port;
    }

    /// <summary>Returns the output of a program, which must succeed.</summary>
    public static async Task<string> RunAsync(string program, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        var (output, error) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        await process.WaitForExitAsync();
        return process.ExitCode == 0 ? await output
            : throw new InvalidOperationException($"{program} {string.Join(' ', arguments)}: {await error}{await output}");
    }

    /// <summary>Runs a program in the server's namespaces.</summary>
    public Task<string> InsideAsync(string program, params string[] arguments) =>
        RunAsync("nsenter", ["--target", _init, "--mount", "--pid", "--", program, .. arguments]);

    /// <summary>Waits until the condition is met. Fails with the message after <see cref="Gates.Timeout"/>.</summary>
    public static async Task UntilAsync(Func<bool> condition, string message)
    {
        for (var watch = Stopwatch.StartNew(); !condition(); await Task.Delay(20))
            Assert.True(watch.Elapsed < Gates.Timeout, message);
    }

    /// <summary>Whether a process in the server's namespace exists and is not a zombie (proc(5), stat).</summary>
    public bool IsAlive(int process)
    {
        try
        {
            return !System.IO.File.ReadAllText($"/proc/{_init}/root/proc/{process}/stat").Contains(") Z ", StringComparison.Ordinal);
        }
        catch (IOException)
        {
            return false;
        }
    }

    public string File(string name) => Path.Combine(_folder, name);

    /// <summary>Configures the shell, start-up file and sudo rules of the user <see cref="Custom"/>.</summary>
    public async Task<SshEndpoint> LoginAsync(string shell, string startUp = "", string sudoers = "")
    {
        await InsideAsync("usermod", "--shell", shell, "--home", File("custom"), Custom);
        await InsideAsync("chage", "-d", "-1", Custom);
        Directory.CreateDirectory(File("custom"));
        await InsideAsync("chown", Custom, File("custom"));
        await System.IO.File.WriteAllTextAsync(File("custom/.bashrc"), startUp);
        await System.IO.File.WriteAllTextAsync($"/proc/{_init}/root/etc/sudoers.d/kubelab-tests-custom", sudoers);
        return Endpoint with { User = Custom };
    }

    /// <summary>Creates a key and adds it to authorized_keys with options.</summary>
    public async Task<SshEndpoint> KeyAsync(string options)
    {
        var file = File("key-" + Guid.NewGuid());
        await RunAsync("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", file);
        await System.IO.File.AppendAllTextAsync(File("authorized_keys"), $"{options} {await System.IO.File.ReadAllTextAsync(file + ".pub")}");
        return Endpoint with { IdentityFile = file };
    }

    /// <summary>Starts another server with other options.</summary>
    /// <returns>Its port.</returns>
    public async Task<int> StartAsync(string options)
    {
        var port = FreePort();
        await InsideAsync("/usr/sbin/sshd", "-f", File("config"), "-E", File("log"), "-p", $"{port}", "-o", options, "-o", $"PidFile {File($"pid-{port}")}");
        await UntilAsync(() => IsOpen(port), "sshd is not listening");
        return port;
    }

    public async Task InitializeAsync()
    {
        if (Missing is not null)
            return;
        foreach (var key in (string[])["host", "user", "unknown"])
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
        _server = Process.Start(new ProcessStartInfo("unshare",
            ["--mount", "--pid", "--fork", "--mount-proc", "bash", "-c", InitScript, "init", _folder, Password, Sudoer, Plain, Custom])
        { RedirectStandardInput = true })!;
        await UntilAsync(() => _server.HasExited || IsOpen(Port) && IsOpen(SecondPort), "sshd is not listening");
        Assert.False(_server.HasExited, await System.IO.File.ReadAllTextAsync(File("start")));
        _init = (await System.IO.File.ReadAllTextAsync($"/proc/{_server.Id}/task/{_server.Id}/children")).Trim();
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

/// <summary>A fact that requires the server.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class SshdFactAttribute : FactAttribute
{
    /// <summary>Skips the test if the server cannot run.</summary>
    public SshdFactAttribute() => Skip = Sshd.Missing!;
}

/// <summary>A theory that requires the server.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class SshdTheoryAttribute : TheoryAttribute
{
    /// <summary>Skips the test if the server cannot run.</summary>
    public SshdTheoryAttribute() => Skip = Sshd.Missing!;
}

/// <summary>Tests that share one server. The longest classes have a server of their own, so that they run in parallel.</summary>
[CollectionDefinition(nameof(Sshd))]
public sealed class SshdTests : ICollectionFixture<Sshd>;
