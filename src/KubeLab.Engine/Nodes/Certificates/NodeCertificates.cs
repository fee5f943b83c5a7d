using KubeLab.Engine.Flow;
using KubeLab.Engine.Remote;

namespace KubeLab.Engine.Nodes.Certificates;

/// <summary>Reads the certificates of nodes.</summary>
/// <param name="hosts">Opens machines.</param>
/// <param name="clock">The clock.</param>
public sealed class NodeCertificates(IHostPool hosts, TimeProvider clock)
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    private readonly MachineScripts _scripts = new(hosts, clock);

    /// <summary>Reads the certificates on the machine of a node. A file that cannot be read is a certificate with the status Unreadable.</summary>
    /// <exception cref="KlException">CertificatesUnreadable, NodeMachineUnreachable, and the errors of <see cref="IHost.RunAsync"/>.</exception>
    public async Task<IReadOnlyList<KlCertificate>> ReadAsync(Machine machine, IProgress<LabEvent> events, CancellationToken stop) => CertificateReader.Read(
        machine.Name, await _scripts.RunAsync(machine, "certificates", new Dictionary<string, string?>(), ErrorIds.CertificatesUnreadable, Limit, events, stop),
        clock.GetUtcNow());
}
