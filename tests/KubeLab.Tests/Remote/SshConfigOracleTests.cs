using CliWrap;
using CliWrap.Buffered;
using KubeLab.Engine.Remote;
using KubeLab.Tests.Machines;

namespace KubeLab.Tests.Remote;

/// <summary>Compares unusual configurations with OpenSSH's ssh -G: both return the same values or both report an error.</summary>
public sealed class SshConfigOracleTests : IDisposable
{
    private static readonly string Home = Environment.GetFolderPath(Environment.SpecialFolder.UserProfile);
    private readonly Folder _folder = new();

    public void Dispose() => _folder.Dispose();

    /// <param name="host">The host.</param>
    /// <param name="text">The configuration. DIR is the folder of the included files.</param>
    /// <param name="included">The names and contents of further files.</param>
    [TheoryWith("ssh")]
    [InlineData("web", "Host web\n HostName 10.0.0.5\n Port 2222\n User admin\n IdentityFile ~/k\n")]
    [InlineData("WEB", "Host web\n User a\n")]
    [InlineData("web", "Host WEB\n User a\n")]
    [InlineData("web", "HOST web\n USER=a\n pOrT = 2200\n")]
    [InlineData("web", "Host = web\n User = \"a b\"\n")]
    [InlineData("web", "Host web\r\n User a\r\n Port 22\r\n")]
    [InlineData("web", "\uFEFFHost web\n User a\n")]
    [InlineData("web", "\tHost\tweb\t\n\t\tUser\ta\t\n")]
    [InlineData("web", "Host web # comment\n User a # b\n Port 23# x\n")]
    [InlineData("web", "Host web #comment\n User a#b\n")]
    [InlineData("web", "User a\nUser b\nHost web\n User c\n")]
    [InlineData("web", "Host * !web\n User a\nHost !db *\n User b\n")]
    [InlineData("web", "Host !web\n User a\n")]
    [InlineData("web", "Host w?b,foo\n User a\n")]
    [InlineData("web", "Host w?b foo\n User a")]
    [InlineData("web", "Host \"web\"\n User 'a b'\n")]
    [InlineData("web", "Host web\n User \"a\n")]
    [InlineData("web", "Host web\n User a b\n")]
    [InlineData("web", "Host\n User a\n")]
    [InlineData("web", "User\n")]
    [InlineData("web", "User \"\"\n")]
    [InlineData("web", "Port 0\n")]
    [InlineData("web", "Port 65536\n")]
    [InlineData("web", "Port many\n")]
    [InlineData("web", "Port ssh\n")]
    [InlineData("web", "Port 022\n")]
    [InlineData("web", "Nonsense yes\n")]
    [InlineData("web", "IgnoreUnknown Non*,foo\nNonsense yes\nFoo bar\nUser a\n")]
    [InlineData("web", "Nonsense yes\nIgnoreUnknown Non*\n")]
    [InlineData("web", "Host other\n Nonsense yes\n")]
    [InlineData("web", "Host other\n Port many\n")]
    [InlineData("web", "IdentitiesOnly Yes\n")]
    [InlineData("web", "IdentitiesOnly TRUE\n")]
    [InlineData("web", "IdentitiesOnly maybe\n")]
    [InlineData("web", "IdentityFile /a\nIdentityFile ~/b\nIdentityFile \"/c d\"\nIdentityFile /a\n")]
    [InlineData("web", "IdentityFile none\n")]
    [InlineData("web", "IdentityFile none\nIdentityFile /a\n")]
    [InlineData("web", "IdentityFile /x\\ y\n")]
    [InlineData("web", "IdentityFile '/x y'\n")]
    [InlineData("web", "IdentityFile /x y\n")]
    [InlineData("web", "CertificateFile ~/c.pub\nCertificateFile /d\n")]
    [InlineData("web", "IdentityAgent none\n")]
    [InlineData("web", "IdentityAgent SSH_AUTH_SOCK\n")]
    [InlineData("web", "IdentityAgent $FOO\n")]
    [InlineData("web", "IdentityAgent ${HOME}/agent\n")]
    [InlineData("web", "IdentityAgent ~/agent-%h-%r\nUser u\nHostName h\n")]
    [InlineData("web", "IdentityAgent ${NO_SUCH_VARIABLE}/x\n")]
    [InlineData("web", "IdentityAgent \"/a b\"\n")]
    [InlineData("web", "UserKnownHostsFile /a /b\n")]
    [InlineData("web", "UserKnownHostsFile ~/a \"/b c\"\nUserKnownHostsFile /d\n")]
    [InlineData("web", "UserKnownHostsFile none\n")]
    [InlineData("web", "UserKnownHostsFile none /a\n")]
    [InlineData("web", "UserKnownHostsFile /dev/null\n")]
    [InlineData("web", "UserKnownHostsFile ~/k/%h-%n-%p-%r-%u-%k-%%\nHostName real\nHostKeyAlias Ali\nUser bob\n")]
    [InlineData("web", "UserKnownHostsFile ${HOME}/k\n")]
    [InlineData("web", "UserKnownHostsFile ${NO_SUCH}/k\n")]
    [InlineData("web", "UserKnownHostsFile /%z\n")]
    [InlineData("web", "UserKnownHostsFile /%d/%L/%l/%i/%C\n")]
    [InlineData("web", "GlobalKnownHostsFile /a /b\n")]
    [InlineData("web", "GlobalKnownHostsFile none\nUserKnownHostsFile /x\n")]
    [InlineData("web", "GlobalKnownHostsFile none\nUserKnownHostsFile none\n")]
    [InlineData("web", "HostKeyAlias Web.Lab\n")]
    [InlineData("web", "StrictHostKeyChecking Accept-New\n")]
    [InlineData("web", "StrictHostKeyChecking perhaps\n")]
    [InlineData("web", "ConnectTimeout 10\n")]
    [InlineData("web", "ConnectTimeout 1m30s\n")]
    [InlineData("web", "ConnectTimeout none\n")]
    [InlineData("web", "ConnectTimeout soon\n")]
    [InlineData("web", "ConnectTimeout 1h\n")]
    [InlineData("web", "HostName %h.example.com\n")]
    [InlineData("web", "HostName %%h\n")]
    [InlineData("web", "HostName %n\n")]
    [InlineData("web", "HostName EXAMPLE.com\n")]
    [InlineData("127.1", "User a\n")]
    [InlineData("web", "HostName 0:0:0:0:0:0:0:1\n")]
    [InlineData("::1", "Host ::1\n User a\n")]
    [InlineData("web", "HostName [::1]\n")]
    [InlineData("web", "ProxyJump none\n")]
    [InlineData("web", "ProxyJump NONE\n")]
    [InlineData("web", "ProxyJump none\nProxyCommand nc %h %p\n")]
    [InlineData("web", "ProxyJump none\nProxyJump gate\n")]
    [InlineData("web", "ProxyCommand none\nProxyJump gate\n")]
    [InlineData("web", "ProxyCommand nc %h %p\n")]
    [InlineData("web", "ProxyJump gate:many\n")]
    [InlineData("web", "ProxyJump gate,\n")]
    [InlineData("web", "ProxyJump fe80::1\n")]
    [InlineData("web", "Host other\n ProxyJump gate:many\n")]
    [InlineData("web", "ProxyJump @gate\n")]
    [InlineData("web", "Match host web\n User a\n")]
    [InlineData("web", "Match host WEB\n User a\n")]
    [InlineData("web", "HostName real.example\nMatch host real.*\n User a\n")]
    [InlineData("web", "HostName real.example\nMatch originalhost web\n User a\n")]
    [InlineData("web", "Match host \"w*,!web\"\n User a\nMatch !host db\n Port 23\n")]
    [InlineData("web", "User bob\nMatch user bob\n Port 23\nMatch user Bob\n Port 24\n")]
    [InlineData("web", "Match localuser root\n User a\n")]
    [InlineData("web", "Match exec true\n User a\n")]
    [InlineData("web", "Match exec false\n User a\n")]
    [InlineData("web", "Match exec \"test %h = web\"\n User a\n")]
    [InlineData("web", "Match !exec \"false\" host web\n User a\n")]
    [InlineData("web", "Match all\n User a\n")]
    [InlineData("web", "Match !all\n User a\n")]
    [InlineData("web", "Match exec true\n User exec\nMatch host web\n User host\nMatch all\n User all\n")]
    [InlineData("web", "Match exec false\n User exec\nMatch host db\n User host\nMatch all\n User all\n")]
    [InlineData("web", "Match all host web\n User a\n")]
    [InlineData("web", "Match host web all\n User a\n")]
    [InlineData("web", "Match host=web\n User a\n")]
    [InlineData("web", "Match host= web\n User a\n")]
    [InlineData("web", "Match\n User a\n")]
    [InlineData("web", "Match host\n User a\n")]
    [InlineData("web", "Match nonsense x\n User a\n")]
    [InlineData("web", "Match final\n User a\n")]
    [InlineData("web", "Match final host web\n User a\nHost web\n Port 23\n")]
    [InlineData("web", "HostName real.example\nMatch final host real.example\n User a\nHost real.example\n Port 24\n")]
    [InlineData("web", "Match canonical\n User a\n")]
    [InlineData("web", "Match canonical\n User a\nMatch final all\n Port 23\n")]
    [InlineData("web", "Match !final\n User a\n")]
    [InlineData("web", "CanonicalizeHostname yes\nCanonicalDomains invalid\nHost web\n User a\nMatch canonical\n Port 24\n")]
    [InlineData("web", "CanonicalizeHostname always\nHostName real\nHost real\n User a\n")]
    [InlineData("web", "Match host web # comment\n User a\n")]
    [InlineData("web", "Include DIR/inc\n", "inc", "User a\n")]
    [InlineData("web", "Host other\n Include DIR/inc\nUser after\n", "inc", "User a\nHost web\n Port 23\n")]
    [InlineData("web", "Host web\n Include DIR/inc\n User after\n", "inc", "Host other\n User other\n")]
    [InlineData("web", "Include DIR/d/*/config\n", "d/a/config", "User a\n", "d/b/config", "User b\nPort 24\n", "d/.hid/config", "User hidden\n")]
    [InlineData("web", "Include DIR/none DIR/inc\n", "inc", "User a\n")]
    [InlineData("web", "Include DIR/no*\nUser b\n")]
    [InlineData("web", "Include DIR/[ab]nc \"DIR/x y\"\n", "anc", "User a\n", "x y", "Port 23\n")]
    [InlineData("web", "Include DIR/self\n", "self", "Include DIR/self\nUser a\n")]
    [InlineData("web", "Include relative-none\nUser a\n")]
    [InlineData("web", "Match host web\n Include DIR/inc\nUser b\n", "inc", "Match host other\n User other\nHost *\n Port 23\n")]
    [InlineData("web", "Include DIR/inc\n", "inc", "Nonsense yes\n")]
    [InlineData("web", "Host other\nInclude DIR/inc\n", "inc", "Nonsense yes\n")]
    [InlineData("web", "Include\n")]
    [InlineData("web",
        "SendEnv LANG LC_*\nLocalForward 8080 localhost:80\nServerAliveInterval 30\nCompression yes\nForwardAgent yes\nControlMaster auto\n"
            + "ControlPath ~/.ssh/cm-%r@%h:%p\nControlPersist 10m\nLogLevel QUIET\nAddKeysToAgent yes\nCiphers aes128-ctr\nSetEnv A=b\nUser a\n")]
    [InlineData("web", "Compression maybe\n")]
    [InlineData("web", "ServerAliveInterval x\n")]
    [InlineData("web", "ServerAliveCountMax x\n")]
    [InlineData("web", "LogLevel nonsense\n")]
    [InlineData("web", "AddressFamily inet7\n")]
    [InlineData("web", "Protocol 2\nCipher 3des\nUseRoaming no\nUser a\n")]
    [InlineData("web", "    # comment\n   \n#Host web\n User a\n")]
    [InlineData("web", "\"User\" a\n")]
    [InlineData("web", "User a\f\n")]
    [InlineData("web", "User=a\nPort\t2222\n")]
    [InlineData("web", "User == a\n")]
    [InlineData("web", "User a\\\\b\n")]
    [InlineData("web", "User a\\\"b\n")]
    [InlineData("web", "User \"a\\\"b\"\n")]
    [InlineData("web", "Host we\"b\"\n User a\n")]
    [InlineData("web", "Host w*b *\n User a\n")]
    [InlineData("web", "Host **\n User a\n")]
    [InlineData("web", "GSSAPIAuthentication yes\nGSSAPIKeyExchange no\nUser a\n")]
    [InlineData("web", "UseKeychain yes\n")]
    [InlineData("web", "CanonicalDomains a b\nCanonicalizePermittedCNAMEs *.a:*.b\nUser a\n")]
    [InlineData("web", "RekeyLimit 1G 1h\nIPQoS af21 cs1\nTunnelDevice any\nStreamLocalBindMask 0177\nUser a\n")]
    [InlineData("web", "Host web\n ProxyJump gate\n")]
    [InlineData("web", "Host web\n ProxyJump a@gate:2200,b@[::1]:23,last\n")]
    [InlineData("web", "Host web\n ProxyJump ssh://u@gate:2200\n")]
    [InlineData("web", "Host web\n ProxyJump gate # comment\n")]
    [InlineData("web", "Host web\n ProxyJump gate\n ProxyCommand nc %h %p\n")]
    [InlineData("web", "HOST web\n userknownhostsfile=/a  /b\n")]
    [InlineData("web", "Host web\n Match host web\n")]
    [InlineData("web", "Match host \"web\" user root\n User a\n")]
    [InlineData("web", "Match user root,!web host w*\n Port 24\n")]
    [InlineData("web", "LogLevel ERROR\nServerAliveInterval 5m\nForwardX11 Yes\n")]
    [InlineData("web", "IgnoreUnknown UseKeychain,Foo*\nUseKeychain yes\nFooBar 1\nUser a\n")]
    [InlineData("web", "UserKnownHostsFile /k/%C\nPort 23\n")]
    [InlineData("web", "UserKnownHostsFile \"~/a b\"\n")]
    [InlineData("web", "UserKnownHostsFile /a%\n")]
    [InlineData("web", "Port 22 # comment\n")]
    [InlineData("web", "Port \"2222\"\n")]
    [InlineData("web", "Port '2222'\n")]
    [InlineData("web", "User root\tx\n")]
    [InlineData("web", "User\t\troot\n")]
    [InlineData("web", "ConnectTimeout 0\n")]
    [InlineData("web", "ConnectTimeout -1\n")]
    [InlineData("web", "ConnectTimeout 5S\n")]
    [InlineData("web", "IdentityFile=/a\nIdentityFile = /b\n")]
    [InlineData("web", "IdentityFile2 /a\n")]
    [InlineData("web", "IdentityAgent none\nHost *\nIdentityAgent /x\n")]
    [InlineData("web", "Host db web\n Port 23\nHost web\n Port 24\n User a\n")]
    [InlineData("web", "Host *\n Port 24\nHost web\n Port 23\n")]
    [InlineData("web", "Host web # db\n User a\n")]
    [InlineData("db", "Host web # db\n User a\n")]
    [InlineData("web", "Host web \"#db\"\n User a\n")]
    [InlineData("web", "Match exec \"exit 1\" \n User a\nMatch exec \"test %n = web && test %u = root && test %p = 22\"\n User b\n")]
    [InlineData("web", "Include DIR/a/b/*.conf DIR/a/*.conf\n", "a/b/x.conf", "User x\n", "a/y.conf", "User y\nPort 25\n")]
    [InlineData("web", "Include \"DIR/with space/*.conf\"\n", "with space/y.conf", "Port 25\n")]
    [InlineData("web", "Include DIR/?.conf\n", "1.conf", "Port 25\n", "22.conf", "User no\n")]
    [InlineData("web", "Include DIR/[!z].cfg\n", "y.cfg", "Port 25\n", "z.cfg", "User no\n")]
    [InlineData("web", "Include ~/no-such-file-here\n")]
    [InlineData("web", "HostName web.example\nHost web.example\n User a\nMatch originalhost web host web.example\n Port 23\n")]
    [InlineData("web", "Host \"\"\n User a\n")]
    [InlineData("web", "UserKnownHostsFile /a \"\"\n")]
    [InlineData("web", "GlobalKnownHostsFile \"\"\n")]
    [InlineData("web", "ProxyCommand None\nUser a\n")]
    [InlineData("web", "IdentityAgent $\n")]
    [InlineData("web", "IdentityAgent $HOME/x\n")]
    [InlineData("web", "IdentityAgent ${HOME\n")]
    [InlineData("web", "IdentityAgent a${HOME}b${HOME}\n")]
    [InlineData("10.0.0.1", "Host 10.0.0.*\n User a\n HostKeyAlias ten\n")]
    public async Task A_configuration_is_read_as_in_ssh(string host, string text, params string[] included)
    {
        for (var at = 0; at < included.Length; at += 2)
            await WriteAsync(included[at], included[at + 1]);
        var file = await WriteAsync("config", text);
        var ssh = await Cli.Wrap("ssh").WithArguments(["-G", "-F", file, host]).WithValidation(CommandResultValidation.None).ExecuteBufferedAsync();
        if (ssh.ExitCode != 0)
        {
            var error = Assert.Throws<KlException>(() => SshConfig.Read(file).Resolve(host));
            Assert.Equal(("SshConfigInvalid", host), (error.ErrorId, error.Target));
            return;
        }
        var expected = ssh.StandardOutput.Split('\n').Select(line => line.Split(' ', 2))
            .Where(words => words.Length == 2).ToLookup(words => words[0], words => words[1]);
        if (expected["proxycommand"].Any())
        {
            var error = Assert.Throws<KlException>(() => SshConfig.Read(file).Resolve(host));
            Assert.Contains("ProxyCommand is not supported", error.Message, StringComparison.Ordinal);
            return;
        }
        Assert.Equal(Expected(expected), Actual(SshConfig.Read(file).Resolve(host)));
    }

    private static string[] Expected(ILookup<string, string> values)
    {
        string One(string keyword) => values[keyword].SingleOrDefault("");
        var known = string.Join(' ', new[] { One("userknownhostsfile"), One("globalknownhostsfile") }.Where(files => files != "none"));
        var keys = values["identityfile"].ToList();
        return
        [
            $"hostname {One("hostname")}", $"port {One("port")}", $"user {One("user")}", $"identitiesonly {One("identitiesonly")}",
            $"identityagent {One("identityagent")}", $"hostkeyalias {One("hostkeyalias")}",
            $"connecttimeout {One("connecttimeout").Replace("none", "", StringComparison.Ordinal)}",
            $"known {(known is "" ? "/dev/null" : known)}",
            // If no key is configured, ssh lists all its default keys.
            $"identityfile {(keys.Contains("~/.ssh/id_ecdsa_sk") ? "default" : Paths(keys))}", $"certificatefile {Paths(values["certificatefile"])}",
            $"proxyjump {string.Join(' ', One("proxyjump").Split(',').Select(hop => hop.Split('@')[^1]).Select(
                hop => hop is ['[', .. var address] ? address.Split(']')[0] : hop.Split(':')[0]))}",
        ];
    }

    private static string[] Actual(SshEndpoint endpoint)
    {
        var jumps = new Stack<string>();
        for (var jump = endpoint.Jump; jump is not null; jump = jump.Jump)
            jumps.Push(jump.Host);
        var known = endpoint.KnownHostsFile is { } file ? endpoint.MoreKnownHostsFiles.Prepend(file)
            : [$"{Home}/.ssh/known_hosts", $"{Home}/.ssh/known_hosts2", "/etc/ssh/ssh_known_hosts", "/etc/ssh/ssh_known_hosts2"];
        return
        [
            $"hostname {endpoint.Host}", $"port {endpoint.Port}", $"user {endpoint.User}", $"identitiesonly {(endpoint.IdentitiesOnly ? "yes" : "no")}",
            $"identityagent {endpoint.IdentityAgent}", $"hostkeyalias {endpoint.HostKeyAlias}", $"connecttimeout {endpoint.ConnectTimeout?.TotalSeconds}",
            $"known {string.Join(' ', known)}",
            $"identityfile {(endpoint.HasDefaultIdentities ? "default" : Paths(endpoint.Identities))}", $"certificatefile {Paths(endpoint.CertificateFiles)}",
            $"proxyjump {string.Join(' ', jumps)}",
        ];
    }

    private static string Paths(IEnumerable<string> files) =>
        string.Join(' ', files.Where(file => file != "none").Select(file => file.Replace("~/", Home + "/", StringComparison.Ordinal)));

    private async Task<string> WriteAsync(string name, string text)
    {
        var path = Path.Combine(_folder.Path, name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        await File.WriteAllTextAsync(path, text.Replace("DIR", _folder.Path, StringComparison.Ordinal));
        return path;
    }
}
