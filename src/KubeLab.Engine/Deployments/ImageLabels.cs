namespace KubeLab.Engine.Deployments;

/// <summary>Image labels that declare how the image is deployed.</summary>
public static class ImageLabels
{
    /// <summary>The number of replicas.</summary>
    public const string Replicas = "org.kubelab.replicas";

    /// <summary>The service type: NodePort, ClusterIP or LoadBalancer.</summary>
    public const string Service = "org.kubelab.service";

    /// <summary>An HTTP path on the first port that returns status 200 when the container is ready.</summary>
    public const string Readiness = "org.kubelab.readiness";

    /// <summary>Prefix, followed by the name of an environment variable. The value is SECRET/KEY; a missing key is generated.</summary>
    public const string Secret = "org.kubelab.secret.";
}
