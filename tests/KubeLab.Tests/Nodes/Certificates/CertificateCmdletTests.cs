using KubeLab.Tests.Bootstrap;
using KubeLab.Tests.Kube;
using static KubeLab.Tests.Nodes.Certificates.NodePem;

namespace KubeLab.Tests.Nodes.Certificates;

public sealed class CertificateCmdletTests
{
    // The time of the test clock.
    private static readonly DateTimeOffset Now = new(2000, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly string Pem = Certificate("CN=kube-apiserver", Now.AddDays(-1), Now.AddDays(364));

    [Theory]
    [InlineData("$cluster | Get-KlCertificate")]
    [InlineData("Get-KlCertificate k-*")]
    [InlineData("Get-KlCertificate node/k-1, K-2, k-1")]
    [InlineData("$cluster.Machines | Get-KlCertificate")]
    [InlineData("'k-1', 'k-2' | Get-KlCertificate")]
    [InlineData("Get-KlNode | Get-KlCertificate")]
    [InlineData("Get-KlNode k-1 | Get-KlCertificate | Get-KlCertificate; Get-KlCertificate -For k-2")]
    [InlineData("[System.Management.Automation.PSSerializer]::Deserialize([System.Management.Automation.PSSerializer]::Serialize($cluster.Machines))"
        + " | Get-KlCertificate")]
    public async Task Certificates_are_read_from_the_machines_of_nodes(string command)
    {
        await using var lab = await StartedAsync();

        var result = lab.Run(command, lab.Cluster);

        Assert.Equal(["k-1 apiserver", "k-2 apiserver"], result.Good<KlCertificate>().Select(one => one.ToString()).Order());
        Assert.All(lab.Scripts.Ran, ran => Assert.EndsWith(" certificates", ran, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Without_a_name_the_cluster_of_the_current_context_is_read_while_its_API_server_is_down()
    {
        await using var lab = await StartedAsync();
        lab.Provider.Machines[0] = lab.Provider.Machines[0] with { ApiEndpoint = new Uri(lab.Api.Url).Authority };
        lab.Provider.Machines.Add(FakeCluster.Machine("other-1", 9, "other"));
        lab.Api.On("GET /readyz", FakeApi.Json("down", 500));
        foreach (var command in new[] { "Get-KlCertificate", "Get-KlCertificate -Cluster lab" })
        {
            lab.Api.On("GET /api/v1/nodes", FakeApi.Status(403, "Forbidden", "no"));
            Assert.Equal(["k-1", "k-2"], lab.Run(command).As<KlCertificate>().Select(one => one.Node).Order());
        }
    }

    [Fact]
    public async Task A_machine_that_cannot_be_read_does_not_hide_others()
    {
        await using var lab = await StartedAsync();
        lab.Provider.Machines[0] = lab.Provider.Machines[0] with { State = "Stopped" };

        var result = lab.Run("Get-KlCertificate k-1, k-2, k-9");

        Assert.Equal("k-2", Assert.Single(result.As<KlCertificate>()).Node);
        Assert.Equal(["No machine of the node 'k-9' was found.", "k-1 is Stopped."], result.Errors.Select(error => $"{error}"));
    }

    [Theory]
    [InlineData("$null | Get-KlCertificate", null)]
    [InlineData("'pod/web' | Get-KlCertificate", "InputInvalid")]
    [InlineData("[pscustomobject]@{ Node = $null } | Get-KlCertificate", "InputInvalid")]
    [InlineData("Get-KlCertificate ''", "NameInvalid")]
    [InlineData("Get-KlCertificate 'k['", "NameInvalid")]
    [InlineData("Get-KlCertificate -Cluster none", "ClusterNotFound")]
    public async Task Input_that_names_no_node_reads_nothing(string command, string? error)
    {
        await using var lab = await StartedAsync();
        var result = lab.Run(command);
        Assert.Empty(result.Output);
        Assert.Empty(lab.Scripts.Ran);
        Assert.Equal(error is null ? [] : [error], result.Errors.Select(one => one.FullyQualifiedErrorId.Split(',')[0]));
    }

    [Fact]
    public async Task A_node_of_another_cluster_with_the_same_name_is_not_read()
    {
        await using var lab = await StartedAsync();
        lab.Provider.Machines[0] = FakeCluster.Machine("k-1", 77, "lab");

        var result = lab.Run("Get-KlNode k-1 | Get-KlCertificate");

        Assert.StartsWith("NodeMachineNotFound,", Assert.Single(result.Errors).FullyQualifiedErrorId, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_table_shows_when_certificates_expire()
    {
        await using var lab = await StartedAsync();
        lab.Scripts.On("k-1", "certificates", "cluster=lab", $"1={Data(Pem)} /etc/kubernetes/pki/apiserver.crt", "2=- /etc/kubernetes/pki/\e[2J.crt");

        var shown = lab.Run("Get-KlCertificate k-1 | Out-Default").Screen.Split('\n').Select(line => line.TrimEnd()).ToList();

        Assert.Contains(shown, line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries)
            is ["k-1", "apiserver", "2000-12-30", "364", "Valid", "kubernetes"]);
        Assert.Contains(shown, line => line.Contains("Unreadable", StringComparison.Ordinal));
        Assert.All(shown, line => Assert.True(line.Length <= 80, line));
    }

    private static async Task<RemovalLab> StartedAsync()
    {
        var lab = await RemovalLab.StartAsync(2);
        lab.Nodes(RemovalLab.Node("k-1", 1, RemovalLab.ControlPlane), RemovalLab.Node("k-2", 2));
        foreach (var machine in lab.Provider.Machines)
            lab.Scripts.On(machine.Name, "certificates", "cluster=lab", $"1={Data(Pem)} /etc/kubernetes/pki/apiserver.crt");
        return lab;
    }
}
