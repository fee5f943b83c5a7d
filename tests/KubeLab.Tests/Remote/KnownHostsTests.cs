using KubeLab.Engine.Remote;

namespace KubeLab.Tests.Remote;

public sealed class KnownHostsTests : IDisposable
{
    private const string Blob = "AAAAC3NzaC1lZDI1NTE5AAAAIGv+WkPBSRVPCzyeZfeGTXHhy4eOMeZdR+8mdoPVXFDy";
    private const string Other = "AAAAC3NzaC1lZDI1NTE5AAAAIAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
    private readonly string _file = Path.GetTempFileName();

    public void Dispose() => File.Delete(_file);

    [Theory]
    [InlineData("web", 22, "web ssh-ed25519 KEY")]
    [InlineData("WEB", 22, "web ssh-ed25519 KEY")]
    [InlineData("web", 22, "db,web,10.0.0.1 ssh-ed25519 KEY a comment")]
    [InlineData("web", 22, "w* ssh-ed25519 KEY")]
    [InlineData("web", 22, "w?b\tssh-ed25519\tKEY")]
    [InlineData("web", 2222, "[web]:2222 ssh-ed25519 KEY")]
    [InlineData("web", 2222, "web ssh-ed25519 KEY")]
    [InlineData("web", 22, "|1|MDEyMzQ1Njc4OWFiY2RlZmdoaWo=|HASH ssh-ed25519 KEY")]
    [InlineData("web", 22, "|1|no base64|x ssh-ed25519 KEY\n|1|!|HASH ssh-ed25519 KEY\n|1||HASH ssh-ed25519 KEY\nweb ssh-ed25519 KEY")]
    [InlineData("web", 22, "# web\n\nweb ssh-ed25519\nweb ssh-ed25519 no+base64!\nweb ssh-ed25519 OTHER\nweb ssh-ed25519 KEY")]
    public async Task A_known_host_is_accepted(string host, int port, string content)
    {
        Assert.Null(await JudgeAsync(host, port, content));
    }

    [Theory]
    [InlineData("HostKeyUnknown", "web", 22, "")]
    [InlineData("HostKeyUnknown", "web", 22, "db ssh-ed25519 KEY")]
    [InlineData("HostKeyUnknown", "web", 22, "*,!web ssh-ed25519 KEY")]
    [InlineData("HostKeyUnknown", "web", 22, "[web]:2222 ssh-ed25519 KEY")]
    [InlineData("HostKeyUnknown", "web", 22, "|1|AAAAMzQ1Njc4OWFiY2RlZmdoaWo=|HASH ssh-ed25519 KEY")]
    [InlineData("HostKeyUnknown", "web", 22, "@cert-authority * ssh-ed25519 KEY")]
    [InlineData("HostKeyChanged", "web", 22, "web ssh-ed25519 OTHER")]
    [InlineData("HostKeyRevoked", "web", 22, "web ssh-ed25519 KEY\n@revoked * ssh-ed25519 KEY")]
    public async Task Another_host_is_rejected(string errorId, string host, int port, string content)
    {
        Assert.Equal(errorId, await JudgeAsync(host, port, content));
    }

    [Fact]
    public async Task An_alias_is_looked_up_without_a_port()
    {
        Assert.Null(await JudgeAsync("10.0.0.1", 2222, "lab-1 ssh-ed25519 KEY", "lab-1"));
        Assert.Equal("HostKeyUnknown", await JudgeAsync("10.0.0.1", 2222, "[lab-1]:2222,10.0.0.1 ssh-ed25519 KEY", "lab-1"));
    }

    [Fact]
    public async Task An_unsupported_certificate_authority_is_mentioned()
    {
        await File.WriteAllTextAsync(_file, $"@cert-authority * ssh-ed25519 {Blob}\n");
        var endpoint = new SshEndpoint("web", 22, "root") { KnownHostsFile = _file };
        var error = (await KnownHosts.ReadAsync(endpoint, default)).Check("web", endpoint, Convert.FromBase64String(Blob));
        Assert.Contains("certificates are not supported", error!.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_further_file_can_contain_known_and_revoked_keys()
    {
        var more = Path.GetTempFileName();
        await File.WriteAllTextAsync(more, $"web ssh-ed25519 {Blob}\n@revoked * ssh-ed25519 {Other}\n");
        var endpoint = new SshEndpoint("web", 22, "root") { KnownHostsFile = _file, MoreKnownHostsFiles = ["/none", more] };
        var known = await KnownHosts.ReadAsync(endpoint, default);
        Assert.Null(known.Check("web", endpoint, Convert.FromBase64String(Blob)));
        Assert.Equal("HostKeyRevoked", known.Check("web", endpoint, Convert.FromBase64String(Other))!.ErrorId);
        File.Delete(more);
    }

    [Fact]
    public async Task The_next_step_does_not_suggest_the_null_device()
    {
        var endpoint = new SshEndpoint("web", 22, "root") { KnownHostsFile = "/dev/null" };
        var error = (await KnownHosts.ReadAsync(endpoint, default)).Check("web", endpoint, Convert.FromBase64String(Blob));
        Assert.DoesNotContain("add this line to /dev/null", error!.NextStep, StringComparison.Ordinal);
        Assert.Contains("set UserKnownHostsFile for this host to a file", error.NextStep, StringComparison.Ordinal);
    }

    private async Task<string?> JudgeAsync(string host, int port, string content, string? alias = null)
    {
        // HMAC-SHA1 of "web" under the salt 0123456789abcdefghij, as written by ssh-keygen -H.
        const string hash = "SNc+mMaJ5VjTAtGAzpaNSQI+QpY=";
        await File.WriteAllTextAsync(_file, content.Replace("KEY", Blob, StringComparison.Ordinal)
            .Replace("OTHER", Other, StringComparison.Ordinal).Replace("HASH", hash, StringComparison.Ordinal));
        var endpoint = new SshEndpoint(host, port, "root") { KnownHostsFile = _file, HostKeyAlias = alias };
        return (await KnownHosts.ReadAsync(endpoint, default)).Check(host, endpoint, Convert.FromBase64String(Blob))?.ErrorId;
    }
}
