using System.Globalization;
using KubeLab.Engine.Flow;

namespace KubeLab.Pipeline;

/// <summary>Recommends cmdlets for errors. The engine does not know cmdlets.</summary>
internal static class Advice
{
    // {0} is the target of the error.
    private static readonly Dictionary<string, string> ByErrorId = new()
    {
        [ErrorIds.ApiServerFailed] = "Check the log of the control plane: Get-KlVm {0} | Get-KlNodeLog -Tail 50",
        [ErrorIds.ApiServerTimeout] = "Check the log of the control plane: Get-KlVm {0} | Get-KlNodeLog -Tail 50",
        [ErrorIds.CertificateRenewalFailed] = "Run Get-KlNodeLog {0} -Source kubelet, etcd, kube-apiserver -Tail 20 to see the logs.",
        [ErrorIds.ClusterNotInitialized] = "Run Get-KlVm {0} | Initialize-KlCluster first.",
        [ErrorIds.ControlPlaneCount] = "New-KlVm -Count adds machines, and Remove-KlNode removes nodes.",
        [ErrorIds.DatabaseCommandFailed] = "Run Get-KlLog {0} to see it.",
        [ErrorIds.DatabaseFailed] = "Fix the cause and run the cmdlet again. Run Get-KlPod -For statefulset/{0} to list the members.",
        [ErrorIds.DatabaseNotFound] = "Create it with New-KlDatabase, or run Get-KlDatabase to list databases.",
        [ErrorIds.DatabaseTimeout] = "Run Get-KlPod -For statefulset/{0} to check the members, or increase -Timeout.",
        [ErrorIds.DeploymentFailed] = "Fix the cause and run the cmdlet again. Run Get-KlPod to list the pods.",
        [ErrorIds.DeploymentNotFound] = "Create it with New-KlDeployment, or run Get-KlDeployment to list deployments.",
        [ErrorIds.DeploymentTimeout] = "Run Get-KlPod to check the pods, or increase -Timeout.",
        [ErrorIds.DrainTimeout] = "Run Resume-KlNode {0} to uncordon the node.",
        [ErrorIds.KubeadmNotInstalled] = "Run Get-KlVm {0} | Install-KlKubeadm first.",
        [ErrorIds.KubeContextNotFound] = "Specify a context with -Cluster, or create a cluster with Initialize-KlCluster.",
        [ErrorIds.KubeUnauthorized] = "Update-KlCertificate renews expired certificates of clusters that KubeLab created.",
        [ErrorIds.KubeUntrusted] = "Update-KlCertificate renews expired certificates of clusters that KubeLab created.",
        [ErrorIds.LastControlPlane] = "Reset-KlCluster removes the whole cluster.",
        [ErrorIds.LoadBalancerPortTaken] = "New-KlLoadBalancer -Port chooses the port.",
        [ErrorIds.MachineInUse] = "Remove-KlNode {0} -Cluster NAME removes it from its cluster.",
        [ErrorIds.MachineNotFound] = "Run Get-KlVm to list machines. New-KlVm completes a machine in the state Incomplete.",
        [ErrorIds.NamespaceNotFound] = "Run 'Get-KlResource namespaces' to list namespaces.",
        [ErrorIds.NodeMachineNotFound] = "New-KlVm -Provider Ssh registers a host that you own.",
        [ErrorIds.NodeNotFound] = "Run Get-KlNode to list nodes.",
        [ErrorIds.NodeTimeout] = "Run Get-KlVm {0} | Get-KlNodeLog to see its log, then run Join-KlNode again.",
        [ErrorIds.NoNodeForVolume] = "Run Get-KlNode to check the nodes.",
        [ErrorIds.PodNetworkDiffers] = "Reset-KlCluster removes a cluster and keeps its machines.",
        [ErrorIds.PodNotFound] = "Run Get-KlPod to list pods.",
        [ErrorIds.PodNotRunning] = "Run Get-KlPod {0} to check it.",
        [ErrorIds.ProbeFailed] = "Run Get-KlService to see the addresses. A service of the type ClusterIP responds only inside the cluster, or through"
            + " Start-KlPortForward.",
        [ErrorIds.RegistryDenied] = "Use the registry from Get-KlRegistry, or set a new password with New-KlRegistry -Credential.",
        [ErrorIds.RegistryNotFound] = "Run 'Get-KlCluster {0} | New-KlRegistry'.",
        [ErrorIds.RegistryPortTaken] = "New-KlRegistry -Port chooses the port.",
        [ErrorIds.RegistryUnreachable] = "New-KlRegistry starts it again.",
        [ErrorIds.RegistryUntrusted] = "Run New-KlRegistry again to create a new certificate.",
        [ErrorIds.ResourceNotFound] = "Run Get-KlResource with the kind to list its objects.",
        [ErrorIds.ResourceWaitFailed] = "Run Get-KlResource to check the object.",
        [ErrorIds.ResourceWaitTimeout] = "Run Get-KlResource to check the object, or increase -Timeout.",
        [ErrorIds.RevisionNotFound] = "Run Get-KlRollout {0} to list revisions.",
        [ErrorIds.ServerRemovalFailed] = "Run Remove-KlVm {0} again.",
        [ErrorIds.ServerRemovalTimeout] = "Run Remove-KlVm {0} again.",
        [ErrorIds.ServiceNodePortMissing] = "New-KlService {0} -Type NodePort does this for a service that KubeLab created.",
        [ErrorIds.ServiceNotFound] = "Run Get-KlService to list services.",
        [ErrorIds.ServiceTimeout] = "Run Get-KlPod to check its pods. The service itself exists.",
    };

    /// <summary>Returns what to do next, or null: the engine's advice, followed by the cmdlets that help.</summary>
    public static string? For(KlException error) =>
        error.NextStep?.Contains("-Kl", StringComparison.Ordinal) == true || !ByErrorId.TryGetValue(error.ErrorId, out var cmdlets) ? error.NextStep
            : $"{error.NextStep} {string.Format(CultureInfo.InvariantCulture, cmdlets, Printable.Text(error.Target))}".TrimStart();
}
