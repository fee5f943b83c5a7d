using System.Management.Automation;
using KubeLab.Engine.Flow;

namespace KubeLab.Cmdlets.Nodes;

/// <summary>Gets the certificates of nodes and when they expire.</summary>
/// <remarks>Reads the files on the machines over SSH, also while the API server is down: the certificates of kubeadm, of the kubelet, of the registry from
/// New-KlRegistry, and the authorities of the registries that containerd trusts. No keys are read. A certificate has the status Expiring in its last 30 days.
/// A file without a certificate that can be read has the status Unreadable, and Problem says why.
/// Update-KlCertificate renews the certificates of kubeadm, and New-KlRegistry that of the registry. The kubelet renews its client certificate itself.
/// </remarks>
/// <example>Get the certificates of a cluster
/// <code>Get-KlCluster kubernetes | Get-KlCertificate</code></example>
/// <example>Show which certificates of a node expire within 90 days
/// <code>Get-KlNode kubernetes-1 | Get-KlCertificate | Where-Object DaysLeft -lt 90</code></example>
/// <example>Show all properties of a certificate
/// <code>Get-KlCertificate kubernetes-1 | Where-Object Name -eq apiserver | Format-List</code></example>
[Cmdlet(VerbsCommon.Get, "KlCertificate")]
[OutputType(typeof(KlCertificate))]
public sealed class GetKlCertificate : NodeMachineCmdlet
{
    private protected override Task RunAsync(IReadOnlyList<Machine> machines, IProgress<LabEvent> events, CancellationToken stop) =>
        RunEachAsync(machines, async (machine, token) => Write(await Engine.Certificates.ReadAsync(machine, events, token)), stop);
}
