using KubeLab.Engine.Nodes.Certificates;
using static KubeLab.Tests.Nodes.Certificates.NodePem;

namespace KubeLab.Tests.Nodes.Certificates;

public sealed class CertificateReaderTests
{
    private static readonly DateTimeOffset Now = new(2026, 6, 1, 12, 0, 0, TimeSpan.Zero);

    [Theory]
    [InlineData(-10, 300, KlCertificateStatus.Valid, 300)]
    [InlineData(-10, 30, KlCertificateStatus.Valid, 30)]
    [InlineData(-10, 29, KlCertificateStatus.Expiring, 29)]
    [InlineData(-10, -1, KlCertificateStatus.Expired, -1)]
    [InlineData(1, 300, KlCertificateStatus.NotYetValid, 300)]
    public void A_certificate_has_a_status_and_days_left(int start, int end, KlCertificateStatus status, int days)
    {
        var pem = Certificate("CN=kube-apiserver, O=x", Now.AddDays(start), Now.AddDays(end));

        var read = Assert.Single(Read(("cluster", "k"), ("1", $"{Data(pem)} /etc/kubernetes/pki/apiserver.crt")));

        Assert.Equal(("k-1", "k", "apiserver", "/etc/kubernetes/pki/apiserver.crt"), (read.Node, read.Cluster, read.Name, read.File));
        Assert.Equal(("CN=kube-apiserver, O=x", "CN=kubernetes", "kubernetes", false), (read.Subject, read.Issuer, read.Authority, read.IsAuthority));
        Assert.Equal((status, days, null), (read.Status, read.DaysLeft, read.Problem));
        Assert.Equal((Now.AddDays(end).UtcDateTime, DateTimeKind.Utc), (read.NotAfter!.Value, read.NotAfter.Value.Kind));
    }

    [Theory]
    [InlineData("/etc/kubernetes/pki/etcd/healthcheck-client.crt", "etcd/healthcheck-client")]
    [InlineData("/etc/kubernetes/super-admin.conf", "super-admin.conf")]
    [InlineData("/var/lib/kubelet/pki/kubelet-client-current.pem", "kubelet-client-current")]
    [InlineData("/var/lib/kubelet/pki/kubelet.crt", "kubelet")]
    [InlineData("/etc/kubelab/registry/tls.crt", "registry")]
    [InlineData("/etc/containerd/certs.d/10.77.1.1:5000/ca.crt", "registry-ca 10.77.1.1:5000")]
    [InlineData("", "")]
    public void A_certificate_has_the_name_that_kubeadm_gives_it(string file, string name) => Assert.Equal(name, Read(("1", "- " + file)).Single().Name);

    [Theory]
    [InlineData("- /f", "no certificate")]
    [InlineData("-", "no certificate")]
    [InlineData("%%% /f", "invalid Base64")]
    [InlineData(" /f", "invalid certificate")]
    [InlineData("U0VDUkVU /f", "invalid certificate")]
    public void A_damaged_certificate_is_unreadable_and_others_are_read(string value, string problem)
    {
        var pem = Authority("CN=kubernetes", Now.AddDays(-1), Now.AddDays(3650));

        var all = Read(("1", value), ("2", $"{Data(pem)} /etc/kubernetes/pki/ca.crt"), ("3", $"{Data(pem)[..^40]} /cut"));

        Assert.Equal([KlCertificateStatus.Unreadable, KlCertificateStatus.Unreadable, KlCertificateStatus.Valid], all.Select(one => one.Status));
        Assert.Contains(all, one => one.Problem?.Contains(problem, StringComparison.Ordinal) == true);
        Assert.True(all.Single(one => one.Name == "ca").IsAuthority);
    }

    [Fact]
    public void What_expires_first_comes_first()
    {
        var all = Read(("1", $"{Data(Certificate("CN=a", Now, Now.AddDays(9)))} /a"), ("2", $"{Data(Certificate("CN=b", Now, Now.AddDays(2)))} /b"));
        Assert.Equal(["/b", "/a"], all.Select(one => one.File));
    }

    private static IReadOnlyList<KlCertificate> Read(params (string Key, string Value)[] facts) =>
        CertificateReader.Read("k-1", facts.ToDictionary(one => one.Key, one => one.Value), Now);
}
