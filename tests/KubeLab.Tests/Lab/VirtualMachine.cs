using System.Diagnostics;
using CliWrap;
using CliWrap.Buffered;
using KubeLab.Tests.Pipeline;
using KubeLab.Tests.Remote;

namespace KubeLab.Tests.Lab;

/// <summary>A virtual machine with a kernel, a clock and power of its own, in the emulator QEMU. It needs no virtualization extensions.</summary>
/// <remarks>Its changes are discarded when it ends. It ends with this process, even if the process is killed.</remarks>
public sealed class VirtualMachine : IAsyncLifetime
{
    // Emulated, on a busy computer.
    private static readonly TimeSpan BootTimeout = TimeSpan.FromMinutes(8);

    // Its standard input is closed when the test process ends.
    private const string UntilInputCloses = """
        "$@" >"$0" 2>&1 &
        qemu=$!
        cat >/dev/null
        kill -KILL $qemu
        """;

    private readonly string _home = Directory.CreateTempSubdirectory("kubelab-vm-").FullName;
    private readonly int _port = Sshd.FreePort();
    private Process? _process;

    private string Key => Path.Combine(_home, ".ssh", "id_ed25519");

    /// <inheritdoc/>
    public async Task InitializeAsync()
    {
        var image = await OfflineLab.RunAsync("tests/Lab/lab.sh", "vm");
        Assert.True(image.ExitCode == 0, image.StandardError);
        Directory.CreateDirectory(Path.GetDirectoryName(Key)!);
        await Cli.Wrap("ssh-keygen").WithArguments(["-q", "-t", "ed25519", "-N", "", "-C", "", "-f", Key]).ExecuteAsync();
        _process = Start(image.StandardOutput.Trim(), (await File.ReadAllTextAsync(Key + ".pub")).Trim());
        using var timeout = new CancellationTokenSource(BootTimeout);
        await File.WriteAllTextAsync(Path.Combine(_home, ".ssh", "known_hosts"), await HostKeysAsync(timeout.Token));
        await ShellAsync($"New-KlVm vm -HostName 127.0.0.1 -Port {_port} -User root -KeyFile '{Key}'");
    }

    /// <inheritdoc/>
    public async Task DisposeAsync()
    {
        if (_process is not null)
        {
            _process.StandardInput.Close();
            await _process.WaitForExitAsync();
            _process.Dispose();
        }
        Directory.Delete(_home, recursive: true);
    }

    /// <summary>Runs a script in a new shell that knows the machine as $vm. Any error fails the test.</summary>
    /// <returns>The output lines.</returns>
    public Task<string[]> RunAsync(string script) => ShellAsync($"$vm = Get-KlVm vm -Provider Ssh\n{script}");

    private async Task<string[]> ShellAsync(string script)
    {
        var end = await ShellProcess.RunAsync(script, new Dictionary<string, string?> { ["HOME"] = _home, ["XDG_DATA_HOME"] = Path.Combine(_home, "data") });
        Assert.True(end is { Code: 0, Error: "" }, $"{script}: {end.Output}{end.Error}{await File.ReadAllTextAsync(Path.Combine(_home, "console"))}");
        return end.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
    }

    private Process Start(string image, string key)
    {
        string[] arguments =
        [
            "-c", UntilInputCloses, Path.Combine(_home, "qemu"),
            "qemu-system-x86_64", "-machine", "q35", "-accel", "tcg", "-m", "512", "-nodefaults", "-display", "none",
            "-serial", $"file:{Path.Combine(_home, "console")}", "-kernel", Path.Combine(image, "vmlinuz"), "-initrd", Path.Combine(image, "initrd.img"),
            // The first options make an emulated processor boot faster.
            "-append", "quiet mitigations=off apparmor=0 cryptomgr.notests root=/dev/vda rw console=ttyS0 "
                + $"systemd.set_credential=\"ssh.authorized_keys.root:{key}\"",
            "-drive", $"file={Path.Combine(image, "disk.img")},if=virtio,format=raw,snapshot=on",
            "-nic", $"user,model=virtio,hostfwd=tcp:127.0.0.1:{_port}-:22",
        ];
        return Process.Start(new ProcessStartInfo("sh", arguments) { RedirectStandardInput = true })!;
    }

    private async Task<string> HostKeysAsync(CancellationToken stop)
    {
        while (true)
        {
            var keys = await Cli.Wrap("ssh-keyscan").WithArguments(["-T", "5", "-t", "ed25519", "-p", $"{_port}", "127.0.0.1"])
                .WithValidation(CommandResultValidation.None).ExecuteBufferedAsync(stop);
            if (keys.StandardOutput.Length > 0)
                return keys.StandardOutput;
            await Task.Delay(500, stop);
        }
    }
}
