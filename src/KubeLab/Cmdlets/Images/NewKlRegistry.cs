using System.Management.Automation;
using KubeLab.Engine.Images;
using KubeLab.Pipeline;

namespace KubeLab.Cmdlets.Images;

/// <summary>
/// <para type="synopsis">Gives a cluster a private image registry that all its nodes trust.</para>
/// <para type="description">Debian's docker-registry runs as a service on the control plane, with TLS from a CA made for it and a password. Every machine's
/// containerd is told of the CA; its password is in the Secret kube-system/kubelab-registry. Run it again after nodes were added, or to
/// change port or password; what is as it should be is left alone, and a certificate that expires soon is renewed.</para>
/// </summary>
/// <example>
/// <para>A registry for a cluster</para>
/// <code>Get-KlCluster kubernetes | New-KlRegistry</code>
/// </example>
/// <example>
/// <para>With a user and password of your own, on another port</para>
/// <code>Get-KlCluster kubernetes | New-KlRegistry -Port 5443 -Credential (Get-Credential)</code>
/// </example>
[Cmdlet(VerbsCommon.New, "KlRegistry", SupportsShouldProcess = true)]
[OutputType(typeof(KlRegistry))]
public sealed class NewKlRegistry : KlCmdlet
{
    /// <summary><para type="description">The clusters.</para></summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true)]
    public KlCluster[] Cluster { get; set; } = [];

    /// <summary><para type="description">The TCP port on the control plane. Default: the one it has, 5000 for a new registry.</para></summary>
    [Parameter]
    [ValidateRange(1, 65535)]
    public int? Port { get; set; }

    /// <summary><para type="description">Who may pull and push. Default: who may already, or user kubelab with a generated password.
    /// The user name has no ':' and no control characters, and the password no more than 72 bytes.</para></summary>
    [Parameter]
    [Credential]
    public PSCredential? Credential { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        // GetNetworkCredential would take "corp" of corp\me, and of me@corp, for a domain.
        var options = new RegistryOptions { Port = Port, Credential = Credential is { } given ? new(given.UserName, given.Password) : null };
        foreach (var cluster in Cluster)
            if (ShouldProcess(cluster.Name, "Set up an image registry"))
                Start(cluster, (events, stop) => Engine.Registries.CreateAsync(cluster, options, events, stop));
    }
}
