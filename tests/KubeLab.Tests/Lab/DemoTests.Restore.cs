using System.Text.Json.Nodes;
using KubeLab.Tests.Machines;

namespace KubeLab.Tests.Lab;

/// <summary>The wiki after all machines are lost.</summary>
public sealed partial class DemoTests
{
    [Fact, Order(90)]
    public async Task The_pages_of_the_wiki_are_restored_on_new_machines()
    {
        using var folder = new Folder();
        var page = await ProofAsync();
        var pods = Invoke("Get-KlPod").As<KlPod>().Count();
        const string Password = "[Net.NetworkCredential]::new('', 'secret').SecurePassword";
        var backup = Invoke($"Get-KlCluster kubernetes | Backup-KlCluster -Path '{folder.Path}' -IncludeVolumes -Password ({Password})")
            .As<KlBackup>().Single();
        Assert.Equal(["default/database-var-lib-mysql"], backup.Volumes);
        Assert.Empty(backup.VolumesNotIncluded);
        // The workloads run again, with the same number of pods.
        Invoke("Get-KlPod | Wait-KlResource -Condition Ready");
        Assert.Equal((page, pods), (await ProofAsync(), Invoke("Get-KlPod").As<KlPod>().Count()));
        RemoveMachines();

        var cluster = Invoke($"""
            New-KlVm kubernetes -Count 3 | Install-KlKubeadm | Restore-KlCluster '{backup.Path}' -Password ({Password}) | Join-KlNode
            """).As<KlCluster>().Single();
        Assert.Equal(3, cluster.ReadyNodes);
        // The images are pushed again, and the objects are those of the backup.
        var registry = Invoke("Get-KlCluster kubernetes | New-KlRegistry").As<KlRegistry>().Single();
        Assert.Equal("kubelab", registry.Credential.UserName);
        Invoke("Get-KlRegistry | Publish-KlImage -Path examples/mediawiki/database, examples/mediawiki/web | New-KlDeployment | Expose-KlService");

        Assert.Equal(page, await ProofAsync());
    }

    // The page that the demo has written.
    private static async Task<string> ProofAsync()
    {
        using var http = new HttpClient();
        const string Query = "api.php?action=query&titles=Proof&prop=revisions&rvprop=content&rvslots=main&format=json&formatversion=2";
        var text = await http.GetStringAsync(new Uri(Invoke("@((Get-KlService web).Urls)[0]").As<Uri>().Single(), Query));
        return (string?)JsonNode.Parse(text)!["query"]!["pages"]![0]!["revisions"]?[0]?["slots"]?["main"]?["content"] ?? throw new InvalidDataException(text);
    }
}
