using KubeLab.Tests.Pipeline;

namespace KubeLab.Tests.Lab;

/// <summary>Operations that fail with one error for each target. The second demo run verifies that nothing changed.</summary>
public sealed partial class DemoTests
{
    [Theory, Order(2)]
    [InlineData("Get-KlVm kubernetes-2 | Install-KlKubeadm -Version 1.99", "VersionDiffers", "1.20")]
    [InlineData("Get-KlVm kubernetes-2 | Install-KlKubeadm -Mirror http://127.0.0.1:1/mirror.yaml", "MirrorUnreachable", "127.0.0.1:1")]
    [InlineData("Get-KlVm kubernetes-2 | Install-KlKubeadm -Mirror \"$($env:KUBELAB_MIRROR)-not\"", "MirrorUnreachable", "404")]
    [InlineData("Get-KlCluster kubernetes | New-KlRegistry -Port 22", "RegistryPortTaken", "sshd")]
    public void An_impossible_operation_is_one_error(string script, string id, string message) => Assert.Equal(id, Refused(script, message));

    [Fact, Order(2)]
    public async Task Without_a_Docker_engine_there_is_one_error()
    {
        var end = await ShellProcess.RunAsync("try { New-KlVm labtest-none } catch { $_.FullyQualifiedErrorId; $_.ErrorDetails.RecommendedAction }",
            new Dictionary<string, string?> { ["DOCKER_HOST"] = "tcp://127.0.0.1:1" });
        Assert.StartsWith("DockerUnavailable,", end.Output, StringComparison.Ordinal);
        Assert.Equal(2, end.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Length);
    }

    [Fact, Order(2)]
    public async Task An_unreachable_machine_does_not_affect_the_others()
    {
        try
        {
            Invoke("New-KlVm labtest-some -Count 2");
            await OfflineLab.DockerAsync("stop", "--time", "0", "labtest-some-1");
            var result = Shell.Run("Get-KlVm labtest-some-* | Install-KlKubeadm -Version 1.99; Get-KlVm labtest-some-* | Invoke-KlVmCommand hostname");
            Assert.Equal(["ConnectionRefused labtest-some-1", "ConnectionRefused labtest-some-1", "KubernetesVersionNotFound labtest-some-2"],
                result.Errors.Select(error => $"{error.FullyQualifiedErrorId.Split(',')[0]} {error.TargetObject}").Order(StringComparer.Ordinal));
            Assert.Contains(result.Errors, error => error.ToString().Contains("1.20", StringComparison.Ordinal));
            Assert.Equal(["labtest-some-2"], result.Output.Select(line => $"{line}"));
        }
        finally
        {
            Invoke("Get-KlVm labtest-some-* | Remove-KlVm -Confirm:$false");
        }
    }

    [Fact, Order(2)]
    public void A_changed_registry_password_is_reported_and_repaired_by_the_same_pipeline()
    {
        const string Publish = "Get-KlRegistry kubernetes | Publish-KlImage -Image debian:12";
        Invoke("$null = Get-KlVm kubernetes-1 | Invoke-KlVmCommand 'sed -i s/.$/x/ /etc/kubelab/registry/htpasswd && systemctl restart kubelab-registry'");
        Assert.Equal("RegistryDenied", Refused(Publish, "password is wrong"));
        Invoke("$null = Get-KlCluster kubernetes | New-KlRegistry");
        Assert.Single(Invoke(Publish).As<KlImage>());
    }
}
