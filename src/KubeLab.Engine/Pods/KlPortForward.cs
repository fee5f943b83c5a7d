namespace KubeLab;

/// <summary>A port of this computer that is forwarded to a port of a pod, until it is stopped or this process ends.</summary>
public sealed record KlPortForward
{
    /// <summary>The pod.</summary>
    public required string Name { get; init; }

    /// <summary>Its namespace.</summary>
    public required string Namespace { get; init; }

    /// <summary>The cluster it runs in.</summary>
    public required string Cluster { get; init; }

    /// <summary>The port of 127.0.0.1 on this computer.</summary>
    public required int LocalPort { get; init; }

    /// <summary>The port of the pod.</summary>
    public required int Port { get; init; }

    /// <summary>For example 127.0.0.1:8080 -> web-0:80.</summary>
    public override string ToString() => $"127.0.0.1:{LocalPort} -> {Name}:{Port}";
}
