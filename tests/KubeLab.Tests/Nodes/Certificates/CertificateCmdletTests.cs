using KubeLab.Engine.Remote;
using KubeLab.Tests.Bootstrap;
using KubeLab.Tests.Kube;
using static KubeLab.Tests.Nodes.Certificates.NodePem;

namespace KubeLab.Tests.Nodes.Certificates;

public sealed class CertificateCmdletTests
{
    // The time of the test clock.
    private static readonly DateTimeOffset Now = new(2000, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly string Pem = Certificate("CN=kube-apiserver", Now.AddDays(-1), Now.AddDays(364));
    private static readonly string Admin = Config(Pem);

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

    [Fact]
    public async Task Control_planes_are_renewed_one_after_another_and_the_kubeconfig_after_the_first()
    {
        await using var lab = await StartedAsync();
        lab.Joined("k-1", "node.role=control-plane");
        lab.Joined("k-2", "node.role=control-plane");
        lab.Provider.Machines.Add(FakeCluster.Machine("k-3", 3, "lab"));
        lab.Joined("k-3", "node.role=worker");
        Renews(lab, "k-1", Admin);
        await File.WriteAllTextAsync(lab.Config, Kubectl.Config(lab.Api.Url).Replace("\"u\"", "\"kubelab-lab\"", StringComparison.Ordinal));
        lab.Scripts.On("k-2", "renew", _ =>
        {
            Assert.Contains("client-certificate-data", File.ReadAllText(lab.Config), StringComparison.Ordinal);
            return Renewed("other");
        });

        var result = lab.Run("$cluster | Update-KlCertificate", lab.Cluster);

        Assert.Equal(["k-1 apiserver", "k-2 apiserver"], result.Good<KlCertificate>().Select(one => one.ToString()));
        Assert.Equal(["k-1 renew", "k-1 certificates", "k-2 renew", "k-2 certificates"],
            lab.Scripts.Ran.Where(ran => !ran.EndsWith("facts", StringComparison.Ordinal)));
        Assert.Contains("\"current-context\": \"kubelab-lab\"", await File.ReadAllTextAsync(lab.Config), StringComparison.Ordinal);
    }

    [Fact]
    public async Task After_an_error_the_other_control_planes_are_not_renewed()
    {
        await using var lab = await StartedAsync();
        lab.Joined("k-1", "node.role=control-plane");
        lab.Joined("k-2", "node.role=control-plane");
        lab.Scripts.On("k-1", "renew", _ => new(3, "::error CertificateRenewalFailed etcd is not ready\n", ""));

        var result = lab.Run("$cluster | Update-KlCertificate", lab.Cluster);

        Assert.Equal("k-1: etcd is not ready", Assert.Single(result.Errors).ToString());
        Assert.Equal(["lab: the certificates of k-2 were not renewed, because of the error of k-1"], result.Warnings);
        Assert.Empty(result.As<KlCertificate>());
    }

    [Fact]
    public async Task A_machine_that_may_be_a_control_plane_is_reported()
    {
        await using var lab = await StartedAsync();
        lab.Joined("k-1", "node.role=control-plane");
        lab.Provider.Machines[1] = lab.Provider.Machines[1] with { State = "Stopped" };
        Renews(lab, "k-1", Admin);

        var result = lab.Run("$cluster | Update-KlCertificate", lab.Cluster);

        Assert.Equal("The certificates of k-2 were not renewed: its machine is Stopped", Assert.Single(result.Errors).ToString());
        Assert.Equal("k-1", Assert.Single(result.As<KlCertificate>()).Node);
    }

    [Fact]
    public async Task Nothing_is_changed_with_WhatIf_or_on_workers()
    {
        await using var lab = await StartedAsync();
        lab.Joined("k-1", "node.role=control-plane");
        Assert.Contains("\"lab (k-1)\"", lab.Run("$cluster | Update-KlCertificate -WhatIf", lab.Cluster).Screen, StringComparison.Ordinal);
        var error = Assert.Single(lab.Run("Update-KlCertificate k-2").Errors);
        Assert.StartsWith("ControlPlaneExpected,", error.FullyQualifiedErrorId, StringComparison.Ordinal);
        Assert.Contains("k-2 is not a control plane", error.ToString(), StringComparison.Ordinal);
        Assert.All(lab.Scripts.Ran, ran => Assert.EndsWith(" facts", ran, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("apiVersion: v1\nusers:\n- name: x\n  user: {exec: {command: evil}}\n", "KubeconfigInvalid")]
    [InlineData(null, "CertificateRenewalFailed")]
    public async Task A_machine_cannot_put_programs_into_the_kubeconfig(string? adminConf, string error)
    {
        await using var lab = await StartedAsync();
        lab.Joined("k-1", "node.role=control-plane");
        Renews(lab, "k-1", adminConf);
        var before = await File.ReadAllTextAsync(lab.Config);

        var result = lab.Run("Update-KlCertificate k-1", lab.Cluster);

        Assert.StartsWith(error + ",", Assert.Single(result.Errors).FullyQualifiedErrorId, StringComparison.Ordinal);
        Assert.Equal(before, await File.ReadAllTextAsync(lab.Config));
    }

    private static async Task<RemovalLab> StartedAsync()
    {
        var lab = await RemovalLab.StartAsync(2);
        lab.Nodes(RemovalLab.Node("k-1", 1, RemovalLab.ControlPlane), RemovalLab.Node("k-2", 2));
        foreach (var machine in lab.Provider.Machines)
            lab.Scripts.On(machine.Name, "certificates", "cluster=lab", $"1={Data(Pem)} /etc/kubernetes/pki/apiserver.crt");
        return lab;
    }

    private static void Renews(RemovalLab lab, string machine, string? adminConf) => lab.Scripts.On(machine, "renew", _ => Renewed(adminConf));

    private static CommandResult Renewed(string? adminConf) => new(0,
        $"::changed renewed\n::fact renewed=/etc/kubernetes/pki/apiserver.crt\n::fact admin={(adminConf is null ? "%" : Base64(adminConf))}\n", "");
}
