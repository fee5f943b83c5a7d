using System.Net;
using System.Net.NetworkInformation;
using KubeLab.Tests.Kube;
using KubeLab.Tests.Machines;
using KubeLab.Tests.Remote;

namespace KubeLab.Tests.Pipeline;

/// <summary>Remove-Module in a real shell, whose process continues.</summary>
public sealed class RemoveModuleTests
{
    private const string Pods = "GET /api/v1/namespaces/default/pods";
    private const string Pod = """{"metadata":{"name":"p","namespace":"default"},"spec":{"containers":[]},"status":{"phase":"Running"} }""";

    [Fact]
    public async Task Remove_Module_closes_connections_port_forwards_and_watches()
    {
        await using var fake = await FakeApi.StartAsync();
        using var folder = new Folder();
        var config = Path.Combine(folder.Path, "config");
        await File.WriteAllTextAsync(config, Kubectl.Config(fake.Url));
        var list = FakeApi.Json($$"""{"metadata":{"resourceVersion":"1"},"items":[{{Pod}}] }""");
        var (watched, forwarded) = (new TaskCompletionSource(), new TaskCompletionSource());
        fake.On(Pods, list, list, async context =>
        {
            await context.Response.StartAsync();
            watched.SetResult();
            await FakeApi.Hang(context);
        }, list);
        fake.On(Pods + "/p", FakeApi.Json(Pod)).On(Pods + "/p/portforward", FakeApi.Socket("v4.channel.k8s.io", async socket =>
        {
            forwarded.SetResult();
            await socket.ReceiveAsync(new byte[1], default);
        }));

        var server = IPEndPoint.Parse(new Uri(fake.Url).Authority);
        using var shell = ShellProcess.Start("""
            $null = Get-KlPod
            $watch = Start-ThreadJob { Import-Module (Join-Path $using:PWD KubeLab.psd1); Get-KlPod -Watch }
            $port = (Start-KlPortForward p 80 -LocalPort 0).LocalPort
            $client = [Net.Sockets.TcpClient]::new('127.0.0.1', $port)
            $null = [Console]::ReadLine()
            Remove-Module KubeLab
            "read $($client.GetStream().ReadByte())"
            $null = $watch | Wait-Job
            try { [Net.Sockets.TcpClient]::new('127.0.0.1', $port) } catch { $_.Exception.InnerException.SocketErrorCode }
            $null = [Console]::ReadLine()
            Import-Module ./KubeLab.psd1
            (Get-KlPod).Name
            """, new Dictionary<string, string?> { ["KUBECONFIG"] = config });
        await Task.WhenAll(watched.Task, forwarded.Task).WaitAsync(Gates.Timeout);
        Assert.NotEqual(0, Open(server));
        await shell.StandardInput.WriteLineAsync();

        Assert.Equal("read -1", await shell.StandardOutput.ReadLineAsync().WaitAsync(Gates.Timeout));
        Assert.Equal("ConnectionRefused", await shell.StandardOutput.ReadLineAsync().WaitAsync(Gates.Timeout));
        await Sshd.UntilAsync(() => Open(server) == 0, "A connection is still open.");
        await shell.StandardInput.WriteLineAsync();
        Assert.Equal(new(0, "p\n", ""), await ShellProcess.EndAsync(shell));
    }

    /// <summary>The number of open connections to a server of this computer.</summary>
    internal static int Open(IPEndPoint server) => IPGlobalProperties.GetIPGlobalProperties().GetActiveTcpConnections()
        .Count(one => one.State == TcpState.Established && one.RemoteEndPoint.Port == server.Port
            && one.RemoteEndPoint.Address.MapToIPv6().Equals(server.Address.MapToIPv6()));
}
