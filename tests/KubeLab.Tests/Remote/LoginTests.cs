using KubeLab.Engine.Remote;

namespace KubeLab.Tests.Remote;

public sealed class LoginTests(Sshd sshd) : IClassFixture<Sshd>, IDisposable
{
    private readonly SshHostPool _pool = new(TimeProvider.System);

    public void Dispose() => _pool.DisposeAsync().AsTask().Wait();

    [SshdFact]
    public async Task A_changed_host_key_is_reported_with_the_line_and_both_keys()
    {
        var unknown = (await File.ReadAllTextAsync(sshd.File("unknown.pub"))).Trim();
        await File.WriteAllTextAsync(sshd.File("changed"), $"# comment\nlab {unknown}\n");
        var error = await FailAsync(sshd.Endpoint with { KnownHostsFile = sshd.File("changed") });
        Assert.Equal(("HostKeyChanged", KlErrorKind.Denied), (error.ErrorId, error.Kind));
        Assert.Contains($"line 2 of {sshd.File("changed")}", error.Message, StringComparison.Ordinal);
        Assert.Contains(await FingerprintAsync("unknown.pub"), error.Message, StringComparison.Ordinal);
        Assert.Contains(await FingerprintAsync("host.pub"), error.Message, StringComparison.Ordinal);
        Assert.Contains("ssh-keygen -R 'lab'", error.NextStep, StringComparison.Ordinal);
    }

    [SshdFact]
    public async Task An_unknown_host_key_is_reported_with_the_line_to_add()
    {
        var error = await FailAsync(sshd.Endpoint with { KnownHostsFile = sshd.File("none"), HostKeyAlias = null });
        Assert.Equal(("HostKeyUnknown", KlErrorKind.Denied), (error.ErrorId, error.Kind));
        Assert.Contains("SHA256:", error.Message, StringComparison.Ordinal);
        var line = error.NextStep!.Split(": ")[^1];
        Assert.StartsWith($"[127.0.0.1]:{sshd.Port} ssh-", line, StringComparison.Ordinal);
        await File.WriteAllTextAsync(sshd.File("added"), line + "\n");
        await _pool.Open("lab", sshd.Endpoint with { KnownHostsFile = sshd.File("added"), HostKeyAlias = null }).CheckAsync(new("true"), default);
    }

    [SshdFact]
    public async Task The_host_uses_the_known_key_type()
    {
        await File.WriteAllTextAsync(sshd.File("ecdsa"), $"lab {await File.ReadAllTextAsync(sshd.File("host_ecdsa.pub"))}");
        await _pool.Open("lab", sshd.Endpoint with { KnownHostsFile = sshd.File("ecdsa") }).CheckAsync(new("true"), default);
    }

    [SshdFact]
    public async Task An_unknown_key_is_an_authentication_error()
    {
        var error = await FailAsync(sshd.Endpoint with { IdentityFile = sshd.File("unknown") });
        Assert.Equal(("AuthenticationFailed", KlErrorKind.Denied), (error.ErrorId, error.Kind));
        Assert.NotNull(error.NextStep);
    }

    [SshdFact]
    public async Task An_encrypted_key_is_rejected_with_a_next_step()
    {
        await Sshd.RunAsync("ssh-keygen", "-q", "-t", "ed25519", "-N", "locked away", "-f", sshd.File("encrypted"));
        var error = await FailAsync(sshd.Endpoint with { IdentityFile = sshd.File("encrypted") });
        Assert.Equal("AuthenticationFailed", error.ErrorId);
        Assert.Contains("is encrypted", error.Message, StringComparison.Ordinal);
        Assert.Contains("ssh-add", error.NextStep, StringComparison.Ordinal);
    }

    [SshdFact]
    public async Task A_skipped_encrypted_key_is_reported_if_the_login_fails()
    {
        var file = sshd.File("skipped");
        await Sshd.RunAsync("ssh-keygen", "-q", "-t", "ed25519", "-N", "locked away", "-f", file);
        var login = sshd.Endpoint with { IdentityFile = null, Identities = [file, sshd.File("unknown")], IdentityAgent = "none" };
        var error = await FailAsync(login);
        Assert.Equal("AuthenticationFailed", error.ErrorId);
        Assert.Contains($"{file} is encrypted", error.Message, StringComparison.Ordinal);
        Assert.Contains("ssh-add", error.Message, StringComparison.Ordinal);
        await _pool.Open("lab", login with { Identities = [file, sshd.Key] }).CheckAsync(new("true"), default);
    }

    [SshdTheory]
    [InlineData("ed25519")]
    [InlineData("rsa")]
    [InlineData("ecdsa")]
    public async Task A_certificate_is_accepted(string type)
    {
        var (authority, file) = (sshd.File("ca-" + Guid.NewGuid()), sshd.File("certified-" + Guid.NewGuid()));
        await Sshd.RunAsync("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", authority);
        await Sshd.RunAsync("ssh-keygen", "-q", "-t", type, "-N", "", "-f", file);
        await File.AppendAllTextAsync(sshd.File("authorized_keys"), $"cert-authority {await File.ReadAllTextAsync(authority + ".pub")}");
        Assert.Equal("AuthenticationFailed", (await FailAsync(sshd.Endpoint with { IdentityFile = file })).ErrorId);
        await Sshd.RunAsync("ssh-keygen", "-q", "-s", authority, "-I", "test", "-n", "root", file + ".pub");
        await _pool.Open("beside", sshd.Endpoint with { IdentityFile = file }).CheckAsync(new("true"), default);
        File.Move(file + "-cert.pub", file + "-elsewhere.pub");
        var named = sshd.Endpoint with
        {
            IdentityFile = null,
            Identities = [file],
            IdentityAgent = "none",
            CertificateFiles = ["/none", file + "-elsewhere.pub"],
        };
        await _pool.Open("named", named).CheckAsync(new("true"), default);
    }

    [SshdFact]
    public async Task A_certificate_of_another_key_is_skipped()
    {
        var file = sshd.File("with-other-" + Guid.NewGuid());
        File.Copy(sshd.Key, file);
        await Sshd.RunAsync("ssh-keygen", "-q", "-s", sshd.File("unknown"), "-I", "test", "-n", "root", sshd.File("unknown.pub"));
        File.Move(sshd.File("unknown-cert.pub"), file + "-cert.pub");
        await _pool.Open("lab", sshd.Endpoint with { IdentityFile = file }).CheckAsync(new("true"), default);
    }

    [SshdFact]
    public async Task A_missing_key_is_reported()
    {
        var error = await FailAsync(sshd.Endpoint with { IdentityFile = sshd.File("missing") });
        Assert.Equal("AuthenticationFailed", error.ErrorId);
        Assert.Contains($"{sshd.File("missing")} does not exist", error.Message, StringComparison.Ordinal);
    }

    [SshdFact]
    public async Task A_password_is_accepted()
    {
        var login = sshd.Endpoint with { User = Sshd.Plain, IdentityFile = null, Password = new("", Sshd.Password) };
        Assert.Equal(Sshd.Plain + "\n", await _pool.Open("lab", login).CheckAsync(new("id", "-un") { AsRoot = false }, default));
        var error = await FailAsync(login with { Password = new("", "wrong password") });
        Assert.Equal("AuthenticationFailed", error.ErrorId);
        Assert.DoesNotContain("wrong password", error.ToString() + error.NextStep, StringComparison.Ordinal);
    }

    [SshdTheory]
    [InlineData("rsa", "PEM")]
    [InlineData("rsa", "RFC4716")]
    [InlineData("ecdsa", "PEM")]
    public async Task Keys_of_all_types_and_formats_are_accepted(string type, string format)
    {
        var file = sshd.File($"{type}-{format}");
        await Sshd.RunAsync("ssh-keygen", "-q", "-t", type, "-m", format, "-N", "", "-f", file);
        await File.AppendAllTextAsync(sshd.File("authorized_keys"), await File.ReadAllTextAsync(file + ".pub"));
        await _pool.Open("lab", sshd.Endpoint with { IdentityFile = file }).CheckAsync(new("true"), default);
    }

    private async Task<KlException> FailAsync(SshEndpoint endpoint)
    {
        var error = await Assert.ThrowsAsync<KlException>(() => _pool.Open("lab", endpoint).RunAsync(new("true"), default));
        return error;
    }

    private async Task<string> FingerprintAsync(string key) => (await Sshd.RunAsync("ssh-keygen", "-lf", sshd.File(key))).Split(' ')[1];
}
