using System.Text.Json.Nodes;
using KubeLab.Tests.Machines;
using KubeLab.Tests.Pipeline;

namespace KubeLab.Tests.Lab;

/// <summary>The wiki after all machines are lost.</summary>
public sealed partial class DemoTests
{
    [Fact, Order(90)]
    public async Task The_pages_of_the_wiki_are_restored_on_new_machines()
    {
        using var folder = new Folder();
        var page = await ProofAsync();
        var replicas = Replicas();
        const string Password = "[Net.NetworkCredential]::new('', 'secret').SecurePassword";
        var backup = Invoke($"Get-KlCluster kubernetes | Backup-KlCluster -Path '{folder.Path}' -IncludeVolumes -Password ({Password})")
            .As<KlBackup>().Single();
        Assert.Equal(["default/database-var-lib-mysql"], backup.Volumes);
        Assert.Empty(backup.VolumesNotIncluded);
        // The workloads run again.
        Assert.Equal(replicas, Replicas());
        Invoke("Get-KlDeployment | Wait-KlResource -Condition Available");
        Assert.Equal(page, await ProofAsync());
        RemoveMachines();

        var cluster = Invoke($"""
            New-KlVm kubernetes -Count 3 | Install-KlKubeadm | Restore-KlCluster '{backup.Path}' -Password ({Password}) | Join-KlNode
            """).As<KlCluster>().Single();
        Assert.Equal(3, cluster.ReadyNodes);
        // The images are pushed again, and the objects are those of the backup.
        var registry = Invoke("Get-KlCluster kubernetes | New-KlRegistry").As<KlRegistry>().Single();
        Assert.Equal("kubelab", registry.Credential.UserName);
        Invoke("Get-KlRegistry | Publish-KlImage -Path $path | New-KlDeployment | Expose-KlService",
            ("path", new[] { "database", "web" }.Select(name => Path.Combine(Repository.Root, "examples", "mediawiki", name)).ToArray()));

        Assert.Equal(page, await ProofAsync());
    }

    private static IEnumerable<string> Replicas() =>
        Invoke("Get-KlDeployment").As<KlDeployment>().Select(one => $"{one.Name} {one.Object.Spec.Replicas}");

    [Fact, Order(91)]
    public async Task A_missing_route_is_found()
    {
        Assert.Empty(Problems());
        await OfflineLab.DockerAsync("exec", "kubernetes-2", "ip", "route", "flush", "proto", "75");
        Assert.Contains("PodNetwork kubernetes-2", Problems());
        Assert.DoesNotContain("kubelab-test-", await Oracle.AskAsync("get namespaces --field-selector status.phase=Active -o name"), StringComparison.Ordinal);

        static IEnumerable<string> Problems() => Invoke("Test-KlCluster kubernetes").As<KlCheck>()
            .Where(one => one.Status == KlCheckStatus.Failed).Select(one => $"{one.Check} {one.Target}");
    }

    // The page that the demo has written.
    private static async Task<string> ProofAsync()
    {
        using var http = new HttpClient();
        const string Query = "api.php?action=query&titles=Proof&prop=revisions&rvprop=content&rvslots=main&format=json&formatversion=2";
        var text = await http.GetStringAsync(new Uri(new Uri(Invoke("@((Get-KlService web).Urls)[0]").As<string>().Single()), Query));
        return (string?)JsonNode.Parse(text)!["query"]!["pages"]![0]!["revisions"]?[0]?["slots"]?["main"]?["content"] ?? throw new InvalidDataException(text);
    }
}
