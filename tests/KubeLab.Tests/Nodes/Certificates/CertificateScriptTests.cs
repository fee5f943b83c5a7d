using KubeLab.Tests.Bootstrap;
using static KubeLab.Tests.Nodes.Certificates.NodePem;

namespace KubeLab.Tests.Nodes.Certificates;

/// <summary>certificates.sh and the expiry in facts.sh, in bash on files in a temporary folder.</summary>
public sealed class CertificateScriptTests : IDisposable
{
    private static readonly DateTimeOffset Start = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly string Pem = Certificate("CN=k-1", Start, Start.AddDays(365));

    private readonly NodeBash _node = new();

    public void Dispose() => _node.Dispose();

    [Fact]
    public async Task All_certificates_of_a_node_are_reported()
    {
        string[] files =
        [
            "/etc/kubernetes/pki/apiserver.crt", "/etc/kubernetes/pki/etcd/server.crt", "/etc/kubernetes/admin.conf", "/etc/kubernetes/scheduler.conf",
            "/var/lib/kubelet/pki/kubelet-client-current.pem", "/var/lib/kubelet/pki/kubelet.crt", "/etc/kubelab/registry/tls.crt",
            "/etc/containerd/certs.d/10.77.1.1:5000/ca.crt",
        ];
        foreach (var file in files)
            _node.Put(file, file.EndsWith(".conf", StringComparison.Ordinal) ? Config(Pem) : Pem);
        _node.Put("/etc/kubernetes/kubelet.conf", "users:\n- user:\n    client-certificate: /var/lib/kubelet/pki/kubelet-client-current.pem\n");
        _node.Put("/etc/kubernetes/controller-manager.conf", "users:\n- user:\n    token: t\n");
        _node.Put("/etc/kubelab/node", "cluster=k\nrole=control-plane\n");

        var (exit, output) = await _node.RunAsync("certificates", "main </dev/null");

        Assert.Equal((0, $"::fact cluster=k\n{Facts([.. files.Select(file => (Data(Pem), file))])}"), (exit, output));
    }

    [Fact]
    public async Task A_machine_without_certificates_reports_none() =>
        Assert.Equal((0, "::fact cluster=\n"), await _node.RunAsync("certificates", "main </dev/null"));

    [Fact]
    public async Task Keys_and_other_content_never_leave_the_machine()
    {
        _node.Put("/etc/kubernetes/pki/cut.crt", Pem[..200] + "\n" + Key);
        _node.Put("/etc/kubernetes/pki/empty.crt", "");
        _node.Put("/etc/kubernetes/pki/key.crt", Key);
        _node.Put("/etc/kubernetes/pki/long.crt", $"-----BEGIN CERTIFICATE-----\n{new string('A', 70_000)}\n-----END CERTIFICATE-----\n");
        _node.Put("/etc/kubernetes/pki/two.crt", $"{Pem.Replace("\n", "\r\n", StringComparison.Ordinal)}text\n{Key}{Pem}{Pem[..100]}");
        _node.Put("/etc/kubernetes/admin.conf", "users:\n- user:\n    client-certificate-data: bm90aGluZw==\n    client-key-data: U0VDUkVU\n");
        _node.Put("/var/lib/kubelet/pki/kubelet-client-current.pem", Pem + Key);

        var (exit, output) = await _node.RunAsync("certificates", "main </dev/null");

        const string Pki = "/etc/kubernetes/pki/";
        Assert.Equal((0, "::fact cluster=\n" + Facts(("-", Pki + "cut.crt"), ("-", Pki + "empty.crt"), ("-", Pki + "key.crt"), ("-", Pki + "long.crt"),
            (Data(Pem), Pki + "two.crt"), (Data(Pem), Pki + "two.crt"), ("-", Pki + "two.crt"), ("-", "/etc/kubernetes/admin.conf"),
            (Data(Pem), "/var/lib/kubelet/pki/kubelet-client-current.pem"))), (exit, output));
        Assert.DoesNotContain("U0VDUkVU", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_number_of_certificates_is_limited()
    {
        _node.Put("/etc/kubernetes/pki/many.crt", string.Concat(Enumerable.Repeat("-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----\n", 600)));

        var (exit, output) = await _node.RunAsync("certificates", "main </dev/null");

        Assert.Equal((0, 501), (exit, output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Length));
    }

    [FactWith("openssl")]
    public async Task A_control_plane_reports_when_its_first_certificate_expires()
    {
        _node.Put("/etc/kubernetes/pki/ca.crt", Authority("CN=kubernetes", Start, Start.AddDays(3650)));
        _node.Put("/etc/kubernetes/pki/apiserver.crt", Pem.TrimEnd());
        _node.Put("/etc/kubernetes/pki/etcd/server.crt", Certificate("CN=etcd", Start, Start.AddDays(40)));
        _node.Put("/etc/kubernetes/admin.conf", Config(Certificate("CN=admin", Start, Start.AddDays(30))));
        Assert.Equal($"{Start.AddDays(30).ToUnixTimeSeconds()}\n", (await _node.RunAsync("facts", "first_expiry")).Output);

        _node.Put("/etc/kubernetes/pki/ca.crt", "-----BEGIN CERTIFICATE-----\nAA==\n-----END CERTIFICATE-----\n");
        Assert.Equal((0, ""), await _node.RunAsync("facts", "first_expiry"));
    }

    private static string Facts(params (string Data, string File)[] all) =>
        string.Concat(all.Select((one, index) => $"::fact {index + 1}={one.Data} {one.File}\n"));
}
