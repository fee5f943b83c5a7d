using System.Diagnostics;
using KubeLab.Engine.Remote;

namespace KubeLab.Tests.Remote;

/// <summary>Tests with an ssh-agent in a process-wide variable, so no other test of this collection may run at the same time.</summary>
[Collection(nameof(Sshd))]
public sealed class AgentTests(Sshd sshd) : IAsyncLifetime
{
    private readonly string? _before = Environment.GetEnvironmentVariable("SSH_AUTH_SOCK");
    private Process _agent = null!;

    public async Task InitializeAsync()
    {
        File.Delete(sshd.File("agent"));
        _agent = Process.Start(new ProcessStartInfo("ssh-agent", ["-D", "-a", sshd.File("agent")]) { RedirectStandardOutput = true })!;
        await Sshd.UntilAsync(() => File.Exists(sshd.File("agent")), "no agent");
        Environment.SetEnvironmentVariable("SSH_AUTH_SOCK", sshd.File("agent"));
    }

    public async Task DisposeAsync()
    {
        Environment.SetEnvironmentVariable("SSH_AUTH_SOCK", _before);
        _agent.Kill();
        await _agent.WaitForExitAsync();
        _agent.Dispose();
    }

    [SshdTheory]
    [InlineData("ed25519")]
    [InlineData("rsa")]
    [InlineData("ecdsa")]
    public async Task A_key_in_the_agent_is_accepted(string type)
    {
        await AddAsync(type);
        await OpenAsync(sshd.Endpoint with { IdentityFile = null });
    }

    [SshdFact]
    public async Task An_encrypted_key_in_the_agent_is_accepted()
    {
        var file = await AddAsync("ed25519");
        await Sshd.RunAsync("ssh-keygen", "-q", "-p", "-P", "", "-N", "locked away", "-f", file);
        await OpenAsync(sshd.Endpoint with { IdentityFile = file });
    }

    [SshdFact]
    public async Task With_IdentitiesOnly_the_agents_other_keys_are_not_used()
    {
        await AddAsync("ed25519");
        var only = sshd.Endpoint with { IdentityFile = null, Identities = [sshd.File("unknown")], IdentitiesOnly = true };
        Assert.Equal("AuthenticationFailed", (await Assert.ThrowsAsync<KlException>(() => OpenAsync(only))).ErrorId);
        await OpenAsync(only with { IdentitiesOnly = false });
    }

    [SshdTheory]
    [InlineData("SOCKET", true)]
    [InlineData("$KUBELAB_TEST_AGENT", true)]
    [InlineData("SSH_AUTH_SOCK", false)]
    [InlineData("none", false)]
    [InlineData("/no/such/socket", false)]
    public async Task IdentityAgent_selects_the_agent(string agent, bool opens)
    {
        await AddAsync("ed25519");
        Environment.SetEnvironmentVariable("SSH_AUTH_SOCK", null);
        Environment.SetEnvironmentVariable("KUBELAB_TEST_AGENT", sshd.File("agent"));
        var login = sshd.Endpoint with
        {
            IdentityFile = null,
            HasDefaultIdentities = false,
            IdentityAgent = agent == "SOCKET" ? sshd.File("agent") : agent,
        };
        if (opens)
            await OpenAsync(login);
        else
            Assert.Equal("AuthenticationFailed", (await Assert.ThrowsAsync<KlException>(() => OpenAsync(login))).ErrorId);
        Environment.SetEnvironmentVariable("KUBELAB_TEST_AGENT", null);
    }

    [SshdFact]
    public async Task IdentityAgent_none_disables_the_agent()
    {
        await AddAsync("ed25519");
        var login = sshd.Endpoint with { IdentityFile = null, HasDefaultIdentities = false };
        await OpenAsync(login);
        Assert.Equal("AuthenticationFailed", (await Assert.ThrowsAsync<KlException>(() => OpenAsync(login with { IdentityAgent = "none" }))).ErrorId);
    }

    [SshdFact]
    public async Task A_key_with_only_a_public_key_file_is_used_from_the_agent()
    {
        var file = await AddAsync("ed25519");
        File.Delete(file);
        await OpenAsync(sshd.Endpoint with { IdentityFile = null, Identities = [file], IdentitiesOnly = true });
    }

    private static async Task OpenAsync(SshEndpoint endpoint)
    {
        await using var pool = new SshHostPool(TimeProvider.System);
        await pool.Open("lab", endpoint).CheckAsync(new("true"), default);
    }

    private async Task<string> AddAsync(string type)
    {
        var file = sshd.File("agent-" + Guid.NewGuid());
        await Sshd.RunAsync("ssh-keygen", "-q", "-t", type, "-N", "", "-f", file);
        await Sshd.RunAsync("ssh-add", "-q", file);
        await File.AppendAllTextAsync(sshd.File("authorized_keys"), await File.ReadAllTextAsync(file + ".pub"));
        return file;
    }
}
