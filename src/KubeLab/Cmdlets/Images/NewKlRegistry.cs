using System.Management.Automation;
using KubeLab.Engine.Images;
using KubeLab.Pipeline;

namespace KubeLab.Cmdlets.Images;

/// <summary>Creates a private image registry that all nodes of a cluster trust.</summary>
/// <remarks>Debian's docker-registry runs as a service on the control plane, protected by TLS and a password. Its CA is installed in the containerd
/// configuration of every machine; its password is in the Secret kube-system/kubelab-registry. Run the cmdlet again after adding nodes, or to change the
/// port or password. It changes only what differs and renews a certificate that expires soon.</remarks>
/// <example>Create a registry for a cluster
/// <code>Get-KlCluster kubernetes | New-KlRegistry</code></example>
/// <example>Specify user, password and port
/// <code>Get-KlCluster kubernetes | New-KlRegistry -Port 5443 -Credential (Get-Credential)</code></example>
[Cmdlet(VerbsCommon.New, "KlRegistry", SupportsShouldProcess = true)]
[OutputType(typeof(KlRegistry))]
public sealed class NewKlRegistry : KlCmdlet
{
    /// <summary>The clusters.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true)]
    public KlCluster[] Cluster { get; set; } = [];

    /// <summary>The TCP port on the control plane. Default: the existing registry's port, otherwise 5000.</summary>
    [Parameter]
    [ValidateRange(1, 65535)]
    public int? Port { get; set; }

    /// <summary>The user who can pull and push. Default: the existing user, otherwise kubelab with a generated password.
    /// The user name must not contain ':' or control characters. The password must not be longer than 72 bytes.</summary>
    [Parameter]
    [Credential]
    public PSCredential? Credential { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        // GetNetworkCredential would remove a domain from names such as corp\me and me@corp.
        var options = new RegistryOptions { Port = Port, Credential = Credential is { } given ? new(given.UserName, given.Password) : null };
        foreach (var cluster in Cluster)
            if (ShouldProcess(cluster.Name, "Create an image registry"))
                Start(cluster, (events, stop) => Engine.Registries.CreateAsync(cluster, options, events, stop));
    }
}
