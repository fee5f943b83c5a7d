using System.Diagnostics;
using System.Net;
using KubeLab.Tests.Machines;
using KubeLab.Tests.Pipeline;

namespace KubeLab.Tests.Remote;

/// <summary>Connect-KlVm with OpenSSH's ssh to the test server.</summary>
public sealed class ConnectTests(Sshd sshd) : IClassFixture<Sshd>, IDisposable
{
    private readonly Folder _folder = new();

    public void Dispose() => _folder.Dispose();

    [SshdFact]
    public async Task Connect_KlVm_logs_in_like_KubeLab_passes_options_to_ssh_and_returns_the_exit_code()
    {
        // One shell for all, because starting it takes longer than the rest.
        var end = await RunAsync("""
            Connect-KlVm rack-1 -ArgumentList 'id -un; exit 7'
            "code $LASTEXITCODE"
            Get-KlVm rack | Connect-KlVm -ArgumentList '-T', '-v', 'echo here'
            "code $LASTEXITCODE"
            Connect-KlVm rack-2
            """);
        Assert.Equal((1, "root\ncode 7\nhere\ncode 0\n"), (end.Code, end.Output));
        Assert.Contains("debug1: ", end.Error, StringComparison.Ordinal);
        Assert.Contains("Machine 'rack-2' was not found.", end.Error, StringComparison.Ordinal);
    }

    [SshdFact]
    public async Task Connect_KlVm_reports_that_ssh_is_missing()
    {
        var end = await RunAsync("Connect-KlVm rack-1", hasSsh: false);
        Assert.Equal(1, end.Code);
        Assert.Contains("ssh cannot be started", end.Error, StringComparison.Ordinal);
    }

    [SshdFact]
    public async Task Remove_Module_closes_connections_and_the_next_import_opens_new_ones()
    {
        using var relay = new Relay(sshd.Port);
        var server = new IPEndPoint(IPAddress.Loopback, relay.Port);
        using var shell = await StartAsync("""
            'connected'
            $null = [Console]::ReadLine()
            Remove-Module KubeLab
            'removed'
            $null = [Console]::ReadLine()
            Import-Module ./KubeLab.psd1
            (Get-KlVm rack | Invoke-KlVmCommand 'echo here').Line
            """, port: relay.Port);
        Assert.Equal("connected", await shell.StandardOutput.ReadLineAsync());
        Assert.Equal(1, RemoveModuleTests.Open(server));
        await shell.StandardInput.WriteLineAsync();
        Assert.Equal("removed", await shell.StandardOutput.ReadLineAsync());
        await Sshd.UntilAsync(() => RemoveModuleTests.Open(server) == 0, "The connection is still open.");
        await shell.StandardInput.WriteLineAsync();
        Assert.Equal(new(0, "here\n", ""), await ShellProcess.EndAsync(shell));
    }

    private async Task<ShellExit> RunAsync(string script, bool hasSsh = true)
    {
        using var shell = await StartAsync(script, hasSsh);
        return await ShellProcess.EndAsync(shell);
    }

    private async Task<Process> StartAsync(string script, bool hasSsh = true, int? port = null)
    {
        // Docker machines and the user's hosts are not visible.
        var programs = Directory.CreateDirectory(Path.Combine(_folder.Path, "bin")).FullName;
        if (hasSsh)
            File.CreateSymbolicLink(Path.Combine(programs, "ssh"), "/usr/bin/ssh");
        Directory.CreateDirectory(Path.Combine(_folder.Path, ".ssh"));
        await File.WriteAllTextAsync(Path.Combine(_folder.Path, ".ssh", "config"),
            $"Host near\n HostName 127.0.0.1\n Port {port ?? sshd.Port}\n User root\n IdentityFile {sshd.Key}\n"
                + $" UserKnownHostsFile {sshd.KnownHosts}\n HostKeyAlias lab\n");
        return ShellProcess.Start($"$null = New-KlVm rack -HostName near -Address 10.9.8.7; {script}", new Dictionary<string, string?>
        {
            ["HOME"] = _folder.Path, ["XDG_CONFIG_HOME"] = null, ["XDG_DATA_HOME"] = null, ["PATH"] = programs,
            ["OS_CLIENT_CONFIG_FILE"] = null, ["OS_AUTH_URL"] = null,
        });
    }
}
