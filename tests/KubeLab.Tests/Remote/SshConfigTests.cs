using KubeLab.Engine.Remote;

namespace KubeLab.Tests.Remote;

public sealed class SshConfigTests : IDisposable
{
    private static readonly string Home = Environment.GetFolderPath(Environment.SpecialFolder.UserProfile);
    private readonly string _folder = Directory.CreateTempSubdirectory("kubelab-config-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Without_a_configuration_the_defaults_apply()
    {
        var web = SshConfig.Read(Path.Combine(_folder, "none")).Resolve("web");
        Assert.Equal(new SshEndpoint("web", 22, Environment.UserName) { Identities = web.Identities }, web);
        Assert.Empty(web.Identities);
    }

    [Fact]
    public void The_first_value_applies_and_keys_accumulate()
    {
        var web = Read("""
            # comment
            Host web
                HostName = 10.0.0.5   # after a value
                port=2222
                IdentityFile "~/keys/of web"
            Host w* !wiki
                User admin
                Port 3333
                IdentityFile /keys/any
                IdentitiesOnly yes
                HostKeyAlias web.lab
            Host *
                User nobody
            """).Resolve("web");
        Assert.Equal(("10.0.0.5", 2222, "admin", "web.lab", true), (web.Host, web.Port, web.User, web.HostKeyAlias, web.IdentitiesOnly));
        Assert.Equal([$"{Home}/keys/of web", "/keys/any"], web.Identities);
        Assert.Null(web.IdentityFile);
    }

    [Fact]
    public void A_negated_pattern_excludes_a_host()
    {
        var config = Read("Host * !db\n User admin\nHost db\n User postgres\n");
        Assert.Equal(("admin", "postgres"), (config.Resolve("web").User, config.Resolve("db").User));
    }

    [Fact]
    public void Arguments_override_the_configuration()
    {
        var web = Read("Host web\n User admin\n Port 2222\n IdentityFile /a\n").Resolve("web", "root", 22, "/b");
        Assert.Equal(("root", 22, "/b"), (web.User, web.Port, web.IdentityFile));
    }

    [Fact]
    public void Tokens_are_expanded()
    {
        var web = Read("""
            Host web
                HostName %h.lab.example
                User admin
                Port 2222
                IdentityFile %d/keys/%r@%h-%p-%n-100%%h
                UserKnownHostsFile ~/known/%h
            """).Resolve("web");
        Assert.Equal("web.lab.example", web.Host);
        Assert.Equal([$"{Home}/keys/admin@web.lab.example-2222-web-100%h"], web.Identities);
        Assert.Equal($"{Home}/known/web.lab.example", web.KnownHostsFile);
    }

    [Fact]
    public void All_known_hosts_files_are_used()
    {
        var web = Read("UserKnownHostsFile /none ~/second\nGlobalKnownHostsFile /all\n").Resolve("web");
        Assert.Equal("/none", web.KnownHostsFile);
        Assert.Equal([$"{Home}/second", "/all"], web.MoreKnownHostsFiles);
    }

    [Fact]
    public void IdentityFile_none_disables_the_default_keys()
    {
        var web = Read("IdentityFile none\n").Resolve("web");
        Assert.Empty(web.Identities);
        Assert.False(web.HasDefaultIdentities);
        Assert.True(Read("User a\n").Resolve("web").HasDefaultIdentities);
    }

    [Fact]
    public void Variables_and_tokens_are_expanded_in_keys_certificates_and_agents()
    {
        var web = Read("User admin\nIdentityFile ${HOME}/%r@%h\nCertificateFile ~/%n-cert.pub\nIdentityAgent ${HOME}/agent-%p\n").Resolve("web");
        Assert.Equal([$"{Environment.GetEnvironmentVariable("HOME")}/admin@web"], web.Identities);
        Assert.Equal([$"{Home}/web-cert.pub"], web.CertificateFiles);
        Assert.Equal($"{Environment.GetEnvironmentVariable("HOME")}/agent-22", web.IdentityAgent);
    }

    [Fact]
    public void Jump_hosts_have_their_own_configuration_and_form_a_chain()
    {
        var web = Read("""
            Host web
                ProxyJump gate,ops@[10.0.0.9]:2200
            Host gate
                HostName gate.example
                User keeper
            Host 10.0.0.9
                ProxyJump none
            """).Resolve("web", "root");
        Assert.Equal(("10.0.0.9", 2200, "ops"), (web.Jump!.Host, web.Jump.Port, web.Jump.User));
        Assert.Equal(("gate.example", 22, "keeper"), (web.Jump.Jump!.Host, web.Jump.Jump.Port, web.Jump.Jump.User));
        Assert.Null(web.Jump.Jump.Jump);
    }

    [Fact]
    public void ProxyJump_none_disables_the_jump_host()
    {
        Assert.Null(Read("Host web\n ProxyJump none\nHost *\n ProxyJump gate\n").Resolve("web").Jump);
    }

    [Fact]
    public void A_jump_host_that_leads_through_itself_is_rejected()
    {
        var error = Assert.Throws<KlException>(() => Read("Host *\n ProxyJump gate\n").Resolve("web"));
        Assert.Equal("SshConfigInvalid", error.ErrorId);
    }

    [Theory]
    [InlineData("Host web\n ProxyCommand nc %h %p\n", "ProxyCommand")]
    [InlineData("Host web\n Port many\n", "config line 2: 'many' is not a valid port")]
    [InlineData("Host web\n ProxyJump gate:many\n", "config line 2: 'gate:many'")]
    [InlineData("\n# x\nHost db\n Usr a\n", "config line 4: 'usr' is not a valid keyword")]
    [InlineData("User \"a\n", "config line 1: a quote is not closed")]
    [InlineData("User a b\n", "has an extra value: 'b'")]
    [InlineData("IdentitiesOnly maybe\n", "valid values: yes, no")]
    [InlineData("\uFEFFUser a\n", "byte order mark")]
    [InlineData("IdentityFile /%z\n", "'%z'")]
    [InlineData("IdentityFile ${NO_SUCH_VARIABLE}/k\n", "NO_SUCH_VARIABLE, which is not set")]
    [InlineData("HostName %n\n", "'%n'")]
    [InlineData("Match localnetwork 10.0.0.0/8\n", "'localnetwork' is not supported")]
    [InlineData("Match nonsense x\n", "'nonsense' is not a valid criterion")]
    [InlineData("Match exec \"no-such-token-%z\"\n", "'%z'")]
    [InlineData("CanonicalizeHostname yes\nCanonicalizePermittedCNAMEs *.a:*.b\n", "CanonicalizePermittedCNAMEs is not supported")]
    [InlineData("ProxyJump none\nProxyCommand nc %h %p\n", "ProxyCommand")]
    public void An_invalid_or_unsupported_configuration_is_rejected(string text, string message)
    {
        var error = Assert.Throws<KlException>(() => Read(text).Resolve("web"));
        Assert.Equal(("SshConfigInvalid", KlErrorKind.InvalidInput, "web"), (error.ErrorId, error.Kind, error.Target));
        Assert.Contains(message, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void ProxyCommand_after_a_ProxyJump_is_ignored()
    {
        Assert.Equal("gate", Read("Host web\n ProxyJump gate\nHost w*\n ProxyCommand nc\n").Resolve("web").Jump!.Host);
    }

    [Fact]
    public void Included_files_apply_at_their_position_and_to_the_hosts_of_their_block()
    {
        Write("b.conf", "Host web\n User b\nHost *\n Port 2\n");
        Write("a.conf", "User a\n");
        var config = Read($"""
            Host web
                Include {_folder}/*.conf
            Host *
                User last
                Port 9
            """);
        Assert.Equal(("a", 2), (config.Resolve("web").User, config.Resolve("web").Port));
        Assert.Equal(("last", 9), (config.Resolve("db").User, config.Resolve("db").Port));
    }

    [Fact]
    public void A_file_that_includes_itself_is_rejected()
    {
        var error = Assert.Throws<KlException>(() => Read($"Include {_folder}/config\nUser admin\n").Resolve("web"));
        Assert.Contains("included in too many levels", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_included_file_that_is_writable_by_others_is_rejected()
    {
        var file = Write("open", "User b\n");
        await Sshd.RunAsync("chmod", "664", file);
        Assert.Equal("b", Read($"Include {file}\n").Resolve("web").User);
        await Sshd.RunAsync("chmod", "646", file);
        var error = Assert.Throws<KlException>(() => Read($"Include {file}\n").Resolve("web"));
        Assert.Contains($"{file} is writable by others", error.Message, StringComparison.Ordinal);
        Assert.Contains("chmod o-w", error.NextStep, StringComparison.Ordinal);
    }

    [Fact]
    public void Match_runs_a_command_only_if_the_criteria_before_it_are_met()
    {
        var ran = Path.Combine(_folder, "ran");
        Assert.Equal("me", Read($"Match host db exec \"touch '{ran}'\"\n User them\nMatch exec \"test %h = web\"\n User me\n").Resolve("web").User);
        Assert.False(File.Exists(ran));
    }

    [Fact]
    public void Match_supports_tags()
    {
        Assert.Equal("a", Read("Tag lab\nMatch tagged db\n User b\nMatch tagged lab\n User a\n").Resolve("web").User);
    }

    [Fact]
    public void The_file_of_the_user_takes_precedence()
    {
        var (user, system) = (Write("user", "User me\n"), Write("system", "User them\nPort 2222\n"));
        Assert.Equal(("me", 2222), SshConfig.Read(user, system).Resolve("web") is var web ? (web.User, web.Port) : default);
    }

    private SshConfig Read(string text) => SshConfig.Read(Write("config", text));

    private string Write(string name, string text)
    {
        File.WriteAllText(Path.Combine(_folder, name), text);
        return Path.Combine(_folder, name);
    }
}
