using System.Collections.Concurrent;
using System.Management.Automation;
using KubeLab.Engine.Bootstrap.Mirrors;
using KubeLab.Pipeline;

namespace KubeLab.Cmdlets.Clusters;

/// <summary>Installs a container runtime, kubeadm, kubelet and kubectl on machines.</summary>
/// <remarks>The installation on each machine starts when the machine arrives from the pipeline. Machines that have the packages are not changed.
/// With Docker, a container prepares an image of the same installation, with the container images that nodes need, in the background, and New-KlVm creates
/// later machines from it; see Get-KlMachineImage. A prepared installation is used only if version, mirror, KubeLab's scripts and the index of the
/// package repository are still the same. Otherwise the packages are installed as on any other machine.</remarks>
/// <example>Install the latest stable Kubernetes on all machines of a lab
/// <code>Get-KlVm kubernetes | Install-KlKubeadm</code></example>
/// <example>Install an older Kubernetes from your own mirror
/// <code>Get-KlVm kubernetes | Install-KlKubeadm -Version 1.36 -Mirror https://mirror.example/mirror.yaml</code></example>
[Cmdlet(VerbsLifecycle.Install, "KlKubeadm", SupportsShouldProcess = true)]
[OutputType(typeof(Machine))]
public sealed class InstallKlKubeadm : KlCmdlet
{
    private readonly ConcurrentDictionary<(string Provider, string? Image), bool> _prepared = new();

    // Read once for all machines; null if reading failed, which is reported once.
    private readonly TaskCompletionSource<Mirror?> _mirror = new();

    /// <summary>The machines.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true)]
    public Machine[] Vm { get; set; } = [];

    /// <summary>The Kubernetes version: a release such as 1.37.1, or 1.37 for its latest patch. Default: the installed version, otherwise the version
    /// that the mirror declares, otherwise the latest stable version.</summary>
    [Parameter]
    public string? Version { get; set; }

    /// <summary>URL or path of the mirror.yaml to install from. Default: the KUBELAB_MIRROR environment variable, otherwise the public repositories.</summary>
    [Parameter]
    public string? Mirror { get; set; }

    /// <summary>Prepares no image for later machines.</summary>
    [Parameter]
    public SwitchParameter NoCache { get; set; }

    /// <inheritdoc/>
    protected override void BeginProcessing()
    {
        base.BeginProcessing();
        Start(Mirror ?? "mirror", async (_, stop) =>
        {
            try
            {
                _mirror.SetResult(await Engine.Mirrors.ReadAsync(Mirror, Version, stop));
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
                    if (await _mirror.Task is not { } mirror)
                        return;
                    var installed = await Engine.Kubeadm.InstallAsync(machine, new(mirror, Version is not null), events, stop);
                    Write(machine);
                    if (installed is not null && !NoCache && _prepared.TryAdd((machine.Provider, machine.Image), true))
                        await Engine.PrepareAsync(machine, mirror, installed, events, stop);
                });
    }
}
