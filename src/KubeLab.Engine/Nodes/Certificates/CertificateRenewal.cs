using System.Buffers.Text;
using System.Text;
using KubeLab.Engine.Bootstrap;
using KubeLab.Engine.Flow;
using KubeLab.Engine.Kube.Config;
using KubeLab.Engine.Remote;

namespace KubeLab.Engine.Nodes.Certificates;

/// <summary>The control planes of a cluster.</summary>
/// <param name="Cluster">The cluster.</param>
/// <param name="Machines">The machines.</param>
public sealed record ControlPlanes(string Cluster, IReadOnlyList<Machine> Machines)
{
    /// <summary>The cluster and its machines.</summary>
    public override string ToString() => $"{Cluster} ({string.Join(", ", Machines)})";
}

/// <summary>Renews the certificates of kubeadm.</summary>
/// <param name="hosts">Opens machines.</param>
/// <param name="kubeadm">Reads the state of machines.</param>
/// <param name="clock">The clock.</param>
public sealed class CertificateRenewal(IHostPool hosts, Kubeadm kubeadm, TimeProvider clock)
{
    private const int Parallelism = 32;

    private readonly MachineScripts _scripts = new(hosts, clock);
    private readonly NodeMachines _machines = new(kubeadm, clock);
    private readonly NodeCertificates _certificates = new(hosts, clock);

    /// <summary>Finds the control planes among machines, by what the machines themselves say: with expired certificates, no API server does.</summary>
    /// <param name="machines">The machines.</param>
    /// <param name="failed">Receives each machine that may be a control plane, because it does not respond.</param>
    /// <param name="events">Receives progress.</param>
    /// <param name="stop">Cancels the operation.</param>
    /// <exception cref="KlException">ControlPlaneExpected: all machines respond, and none is a control plane.</exception>
    public async Task<IReadOnlyList<ControlPlanes>> FindAsync(
        IReadOnlyList<Machine> machines, Action<string, Exception> failed, IProgress<LabEvent> events, CancellationToken stop)
    {
        var (found, isComplete) = (new Dictionary<Machine, string>(), true);
        await foreach (var (machine, facts, error) in Fleet.RunAsync(machines, (one, token) => _machines.ReadAsync(one, events, token), Parallelism, stop))
            if (error is not null)
            {
                isComplete = false;
                failed(machine.Name, error is not KlException problem ? error : new KlException(problem.ErrorId, problem.Kind, machine.Name,
                    $"The certificates of {machine} were not renewed: {problem.Message}", problem.NextStep, problem));
            }
            else if (facts is { IsControlPlane: true, IsDone: true, Cluster: { } cluster })
                found.Add(machine, cluster);
            else
                events.Detail(machine.Name, "is not a control plane");
        return found.Count > 0 || !isComplete || machines.Count == 0
            ? [.. machines.Where(found.ContainsKey).GroupBy(machine => found[machine], (cluster, some) => new ControlPlanes(cluster, [.. some]))]
            : throw new KlException(ErrorIds.ControlPlaneExpected, KlErrorKind.InvalidInput, machines[0].Name,
                $"Only control planes have certificates of kubeadm, and {string.Join(", ", machines)} "
                    + $"{(machines.Count == 1 ? "is not a control plane" : "are not control planes")} of a KubeLab cluster.",
                "Specify a cluster or a control plane. The kubelet renews its client certificate itself.");
    }

    /// <summary>Renews the certificates of control planes, one after another, so that etcd keeps its quorum. Restarts the static pods of each and waits until
    /// they are ready, and renews the user in the kubeconfig after the first.</summary>
    /// <param name="controls">The control planes.</param>
    /// <param name="renewed">Receives each renewed certificate.</param>
    /// <param name="events">Receives progress and warnings.</param>
    /// <param name="stop">Cancels the operation.</param>
    /// <exception cref="KlException">CertificateRenewalFailed, KubeconfigInvalid, KubeconfigLocked, KubeconfigNotWritable, and the errors of
    /// <see cref="IHost.RunAsync"/>.</exception>
    public async Task RenewAsync(ControlPlanes controls, Action<KlCertificate> renewed, IProgress<LabEvent> events, CancellationToken stop)
    {
        for (var index = 0; index < controls.Machines.Count; index++)
        {
            var machine = controls.Machines[index];
            try
            {
                var facts = await _scripts.RunAsync(
                    machine, "renew", new Dictionary<string, string?>(), ErrorIds.CertificateRenewalFailed, null, events, stop);
                if (index == 0)
                    await RenewUserAsync(controls.Cluster, machine, facts.GetValueOrDefault("admin") ?? "", events, stop);
                var files = (facts.GetValueOrDefault("renewed") ?? "").Split(' ');
                foreach (var certificate in await _certificates.ReadAsync(machine, events, stop))
                    if (files.Contains(certificate.File))
                        renewed(certificate);
            }
            catch (KlException error) when (index + 1 < controls.Machines.Count)
            {
                events.Warning(controls.Cluster,
                    $"the certificates of {string.Join(", ", controls.Machines.Skip(index + 1))} were not renewed, because of the error of {machine}");
                throw new KlException(error.ErrorId, error.Kind, error.Target, error.Message, error.NextStep, error);
            }
        }
    }

    private async Task RenewUserAsync(string cluster, Machine machine, string adminConf, IProgress<LabEvent> events, CancellationToken stop)
    {
        if (!Base64.IsValid(adminConf))
            throw new KlException(
                ErrorIds.CertificateRenewalFailed, KlErrorKind.Failed, machine.Name, $"{machine} returned an admin.conf that cannot be read.");
        if (await Kubeconfig.RenewUserAsync(cluster, Encoding.UTF8.GetString(Convert.FromBase64String(adminConf)), clock, stop))
            events.Changed(cluster, $"renewed the user of the context {Kubeconfig.ContextOf(cluster)} in the kubeconfig");
    }
}
