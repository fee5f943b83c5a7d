using KubeLab.Tests.Machines;
using KubeLab.Tests.Pipeline;

namespace KubeLab.Tests.Remote;

/// <summary>Connect-KlVm through OpenSSH's own ssh, to a host that is ours.</summary>
[Collection(nameof(Sshd))]
public sealed class ConnectTests(Sshd sshd) : IDisposable
{
    private readonly Folder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Connect_KlVm_logs_in_as_we_do_and_leaves_the_exit_code()
    {
        var end = await RunAsync("Connect-KlVm rack-1 -ArgumentList 'id -un; exit 7'; \"code $LASTEXITCODE\"");
        Assert.Equal((0, "root\ncode 7\n"), (end.Code, end.Output));
    }

    [Fact]
    public async Task Connect_KlVm_takes_a_machine_from_the_pipeline_and_gives_ssh_its_options()
    {
        var end = await RunAsync("Get-KlVm rack | Connect-KlVm -ArgumentList '-T', '-v', 'echo here'");
        Assert.Equal((0, "here\n"), (end.Code, end.Output));
        Assert.Contains("debug1: ", end.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Connect_KlVm_says_that_there_is_no_such_machine()
    {
        var end = await RunAsync("Connect-KlVm rack-2");
        Assert.Equal(1, end.Code);
        Assert.Contains("There is no machine rack-2.", end.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Connect_KlVm_says_that_ssh_is_not_there()
    {
        var end = await RunAsync("Connect-KlVm rack-1", hasSsh: false);
        Assert.Equal(1, end.Code);
        Assert.Contains("ssh cannot be started", end.Error, StringComparison.Ordinal);
    }

    private async Task<ShellExit> RunAsync(string script, bool hasSsh = true)
    {
        // Neither Docker's machines nor this user's hosts are looked at.
        var programs = Directory.CreateDirectory(Path.Combine(_folder.Path, "bin")).FullName;
        if (hasSsh)
            File.CreateSymbolicLink(Path.Combine(programs, "ssh"), "/usr/bin/ssh");
        Directory.CreateDirectory(Path.Combine(_folder.Path, ".ssh"));
        await File.WriteAllTextAsync(Path.Combine(_folder.Path, ".ssh", "config"),
            $"Host near\n HostName 127.0.0.1\n Port {sshd.Port}\n User root\n IdentityFile {sshd.Key}\n UserKnownHostsFile {sshd.KnownHosts}\n HostKeyAlias lab\n");
        return await ShellProcess.RunAsync($"$null = New-KlVm rack -HostName near -Address 10.9.8.7; {script}", new Dictionary<string, string?>
        {
            ["HOME"] = _folder.Path, ["XDG_CONFIG_HOME"] = null, ["XDG_DATA_HOME"] = null, ["PATH"] = programs, ["OS_CLIENT_CONFIG_FILE"] = null, ["OS_AUTH_URL"] = null,
        });
    }
}
