using System.Management.Automation;
using KubeLab.Engine.Bootstrap;
using KubeLab.Pipeline;

namespace KubeLab.Cmdlets.Clusters;

/// <summary>
/// <para type="synopsis">Installs container runtime, kubeadm, kubelet and kubectl on machines.</para>
/// <para type="description">Each machine starts when it arrives and comes out when it is done. A machine that has them is left alone.</para>
/// </summary>
/// <example>
/// <para>All machines of a lab, with the newest stable Kubernetes</para>
/// <code>Get-KlVm kubernetes | Install-KlKubeadm</code>
/// </example>
/// <example>
/// <para>An older Kubernetes, from a mirror of your own</para>
/// <code>Get-KlVm kubernetes | Install-KlKubeadm -Version 1.36 -Mirror https://mirror.example/mirror.yaml</code>
/// </example>
[Cmdlet(VerbsLifecycle.Install, "KlKubeadm", SupportsShouldProcess = true)]
[OutputType(typeof(Machine))]
public sealed class InstallKlKubeadm : KlCmdlet
{
    // Read once for all machines; null where it could not be, which is told once.
    private readonly TaskCompletionSource<Mirror?> _mirror = new();

    /// <summary><para type="description">The machines.</para></summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true)]
    public Machine[] Vm { get; set; } = [];

    /// <summary><para type="description">The Kubernetes version: 1.37.1, or 1.37 for its newest. Default: what is installed, or what the mirror says, or the newest stable.</para></summary>
    [Parameter]
    public string? Version { get; set; }

    /// <summary><para type="description">URL or path of a mirror.yaml to install from. Default: KUBELAB_MIRROR, or upstream.</para></summary>
    [Parameter]
    public string? Mirror { get; set; }

    /// <inheritdoc/>
    protected override void BeginProcessing()
    {
        base.BeginProcessing();
        Start(Mirror ?? "mirror", async (_, stop) =>
        {
            try
            {
                _mirror.SetResult(await MirrorReader.Shared.ReadAsync(Mirror, Version, stop));
            }
            finally
            {
                _mirror.TrySetResult(null);
            }
        });
    }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        foreach (var machine in Vm)
            if (ShouldProcess(machine.Name, "Install kubeadm"))
                Start(machine, async (events, stop) =>
                {
                    if (await _mirror.Task is { } mirror)
                        Write(await Engine.Kubeadm.InstallAsync(machine, new(mirror, Version is not null), events, stop));
                });
    }
}
