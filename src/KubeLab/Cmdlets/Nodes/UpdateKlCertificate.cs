using System.Management.Automation;
using KubeLab.Engine.Flow;

namespace KubeLab.Cmdlets.Nodes;

/// <summary>Renews the certificates of kubeadm on control planes.</summary>
/// <remarks>Runs kubeadm certs renew all on one control plane after another. Restarts etcd, the API server, the controller manager and the scheduler there, and
/// waits until etcd and the API server respond and present the new certificates. Also renews the user of the cluster in your kubeconfig. A cluster with one
/// control plane does not respond for some seconds; pods keep running. Works with expired certificates too, because it needs no API server.
/// Workers are skipped: the kubelet renews its client certificate itself. Authorities, which are valid for ten years, are not renewed. Returns the renewed
/// certificates.</remarks>
/// <example>Renew the certificates of a cluster
/// <code>Get-KlCluster kubernetes | Update-KlCertificate</code></example>
/// <example>Renew only where certificates expire within 30 days
/// <code>Get-KlCluster | Get-KlCertificate | Where-Object Status -in Expiring, Expired | Update-KlCertificate</code></example>
[Cmdlet(VerbsData.Update, "KlCertificate", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.Medium)]
[OutputType(typeof(KlCertificate))]
public sealed class UpdateKlCertificate : NodeMachineCmdlet
{
    private protected override async Task RunAsync(IReadOnlyList<Machine> machines, IProgress<LabEvent> events, CancellationToken stop)
    {
        var renewal = Engine.CertificateRenewal;
        var clusters = await renewal.FindAsync(machines, Fail, events, stop);
        var confirmed = await AskAsync(() => clusters.Where(cluster =>
            ShouldProcess(cluster.ToString(), "Renew the certificates of kubeadm and restart the control planes, one after another")).ToList(), stop);
        await foreach (var (cluster, _, error) in Fleet.RunAsync(confirmed, async (one, token) =>
        {
            await renewal.RenewAsync(one, certificate => Write(certificate), events, token);
            return true;
        }, confirmed.Count + 1, stop))
            if (error is not null)
                Fail(cluster.Cluster, error);
    }
}
