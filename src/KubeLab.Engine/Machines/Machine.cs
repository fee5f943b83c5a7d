using System.Net;
using KubeLab.Engine.Remote;

namespace KubeLab;

/// <summary>A machine that a provider made, or one you own. All that the rest of KubeLab knows of it.</summary>
public sealed record Machine
{
    /// <summary>Its name and host name, unique among the machines of its provider.</summary>
    public required string Name { get; init; }

    /// <summary>The lab it belongs to: the -Name given to New-KlVm. The cluster made of it carries the same name.</summary>
    public required string Lab { get; init; }

    /// <summary>"Docker", "OpenStack" or "Ssh".</summary>
    public required string Provider { get; init; }

    /// <summary>The provider's own identifier: container id, server id; for Ssh the host.</summary>
    public required string Id { get; init; }

    /// <summary>As the provider has it: Running, Stopped, ...</summary>
    public required string State { get; init; }

    /// <summary>Its address among the machines of its lab; nodes register with it.</summary>
    public required IPAddress Address { get; init; }

    /// <summary>How to reach it over SSH.</summary>
    public required SshEndpoint Ssh { get; init; }

    /// <summary>Where you reach its port 6443, as host:port; what a kubeconfig names.</summary>
    public required string ApiEndpoint { get; init; }

    /// <summary>The cloud it is in, as clouds.yaml calls it.</summary>
    public string? Cloud { get; init; }

    /// <summary>The address that the world reaches it by, where it has one besides <see cref="Address"/>.</summary>
    public IPAddress? PublicAddress { get; init; }

    /// <summary>The name of its measures in a cloud.</summary>
    public string? Flavor { get; init; }

    /// <summary>The name of the image that it was made of; null for hosts you own.</summary>
    public string? Image { get; init; }

    /// <summary>When the provider made it, if it knows.</summary>
    public DateTimeOffset? Created { get; init; }

    /// <summary>True for a container that shares its kernel with others: kernel settings that fail there are passed over.</summary>
    public bool IsContainer { get; init; }

    /// <summary>The name.</summary>
    public override string ToString() => Name;
}
