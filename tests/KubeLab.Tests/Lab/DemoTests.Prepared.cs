using KubeLab.Tests.Machines;
using KubeLab.Tests.Pipeline;

namespace KubeLab.Tests.Lab;

/// <summary>Machines that are created from the image that the demo's installation has prepared.</summary>
public sealed partial class DemoTests
{
    private const string Using = "Using the prepared installation of Kubernetes 1.20";

    [Fact, Order(5)]
    public async Task A_later_machine_has_Kubernetes_from_a_prepared_image_and_no_other_trace_of_its_preparation()
    {
        var image = await PreparedAsync();
        Assert.Equal(("debian:12", "1.20"), (image.Image, image.Version[..4]));
        // The record of the preparation, and nothing that identifies a machine or belongs to one.
        var left = await OfflineLab.DockerAsync("run", "--rm", "--network", "none", "--entrypoint", "sh", image.Name, "-c", """
            find /etc/machine-id /var/log /root/.ssh -type f -size +0
            find /etc/ssh /etc/kubelab /etc/systemd -name 'ssh_host_*' -o -name resolv.conf -o -name prepare -o -name 'kubelab-prepare*'
            find /var/lib/apt/lists /var/log/journal -mindepth 1 -maxdepth 1 2>/dev/null
            cat /etc/kubelab/prepared
            """);
        Assert.Matches("^[0-9a-f]{64} [0-9a-f]{64}$", Assert.Single(left));
        try
        {
            var result = Shell.Run("New-KlVm labtest-ready -Count 2 -Image debian:12");
            Assert.Empty(result.Errors);
            Assert.Equal([image.Name, image.Name],
                await OfflineLab.DockerAsync("inspect", "--format", "{{.Config.Image}}", "labtest-ready-1", "labtest-ready-2"));

            var prepared = Shell.Run("Get-KlVm labtest-ready-1 | Install-KlKubeadm");
            Assert.Single(prepared.Good<Machine>());
            Assert.Contains(prepared.Verbose, line => line.Contains(Using, StringComparison.Ordinal));
            var again = Shell.Run("Get-KlVm labtest-ready-1 | Install-KlKubeadm");
            Assert.All(again.Stages, stage => Assert.Equal(0, stage.Changes));

            // Its container images are there, and a container runs on their layers in the image of the machine.
            Assert.Equal(["Kubernetes v1.20.2"], await OfflineLab.DockerAsync("exec", "labtest-ready-1", "bash", "-c", """
                repository=$(sed -n 's/^imageRepository: //p' /etc/kubelab/mirror.yaml) version=$(kubeadm version -o short)
                kubeadm config images list --kubernetes-version "$version" --image-repository "$repository" 2>/dev/null |
                    grep -vxFf <(ctr -n k8s.io images ls -q)
                ctr -n k8s.io run --rm "$repository/kube-proxy:$version" labtest /usr/local/bin/kube-proxy --version
                """));
            // containerd removes the folder of the ended container later.
            Assert.Equal(["/usr/lib/kubelab/containerd/snapshots"], (await OfflineLab.DockerAsync("exec", "labtest-ready-1",
                "find", "/var/lib/containerd/io.containerd.snapshotter.v1.overlayfs/snapshots", "-type", "l", "-printf", "%l\n"))
                .Select(link => link[..link.LastIndexOf('/')]).Distinct());

            // Another mirror is another installation.
            using var folder = new Folder();
            using var http = new HttpClient();
            var mirror = await http.GetStringAsync(new Uri(Environment.GetEnvironmentVariable("KUBELAB_MIRROR")!));
            var path = Path.Combine(folder.Path, "mirror.yaml");
            await File.WriteAllTextAsync(path, mirror.Replace("podNetwork: HostRoutes", "podNetwork: Flannel", StringComparison.Ordinal));
            var changed = Shell.Run($"Get-KlVm labtest-ready-2 | Install-KlKubeadm -NoCache -Mirror '{path}'");
            Assert.Single(changed.Good<Machine>());
            Assert.DoesNotContain(changed.Verbose, line => line.Contains(Using, StringComparison.Ordinal));
            Assert.Contains(changed.Verbose, line => line.Contains("Installing Kubernetes 1.20", StringComparison.Ordinal));

            Assert.Empty(await OfflineLab.DockerAsync("exec", "labtest-ready-2", "ctr", "-n", "k8s.io", "images", "ls", "-q"));

            string[] identities = await OfflineLab.DockerAsync("exec", "labtest-ready-1", "sh", "-c", "cat /etc/machine-id /etc/ssh/ssh_host_*.pub");
            Assert.Empty(identities.Intersect(
                await OfflineLab.DockerAsync("exec", "labtest-ready-2", "sh", "-c", "cat /etc/machine-id /etc/ssh/ssh_host_*.pub")));
        }
        finally
        {
            Invoke("Get-KlVm labtest-ready* | Remove-KlVm -Confirm:$false");
        }
    }

    // The image that the demo's installation, or an earlier one that was the same, has prepared.
    private static async Task<KlMachineImage> PreparedAsync()
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(10));
        while (true)
        {
            string[] preparing = await OfflineLab.DockerAsync(
                "ps", "-aq", "--filter", $"{LabelFilter}=preparing", "--filter", $"{LabelFilter}.image=debian:12");
            // Keeps a preparation that is complete.
            var images = Invoke("Get-KlMachineImage").As<KlMachineImage>();
            if (preparing.Length == 0)
                return images.First(one => one.Image == "debian:12");
            await Task.Delay(500, limit.Token);
        }
    }
}
