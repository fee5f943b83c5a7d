namespace KubeLab.Engine.Deployments;

/// <summary>The labels by which an image says how it wants to run.</summary>
public static class ImageLabels
{
    /// <summary>How many replicas.</summary>
    public const string Replicas = "org.kubelab.replicas";

    /// <summary>The type of its service: NodePort, ClusterIP or LoadBalancer.</summary>
    public const string Service = "org.kubelab.service";

    /// <summary>A path on its first port that answers 200 once it can serve.</summary>
    public const string Readiness = "org.kubelab.readiness";

    /// <summary>Followed by an environment variable's name; the value is SECRET/KEY. Generated once where it is absent.</summary>
    public const string Secret = "org.kubelab.secret.";
}
