namespace KubeLab;

// Errors of the Kubernetes API and of kubeconfigs.
public static partial class ErrorIds
{
    /// <summary>A JSONPath expression is not valid.</summary>
    public const string JsonPathInvalid = "JsonPathInvalid";

    /// <summary>The API server is overloaded.</summary>
    public const string KubeBusy = "KubeBusy";

    /// <summary>The kubeconfig is not valid.</summary>
    public const string KubeconfigInvalid = "KubeconfigInvalid";

    /// <summary>The kubeconfig is locked by another process.</summary>
    public const string KubeconfigLocked = "KubeconfigLocked";

    /// <summary>The kubeconfig could not be changed.</summary>
    public const string KubeconfigNotWritable = "KubeconfigNotWritable";

    /// <summary>The object was changed by another client at the same time.</summary>
    public const string KubeConflict = "KubeConflict";

    /// <summary>The kubeconfig does not contain the cluster or context.</summary>
    public const string KubeContextNotFound = "KubeContextNotFound";

    /// <summary>An object with the same name already exists.</summary>
    public const string KubeExists = "KubeExists";

    /// <summary>The resource version of a list or watch has expired.</summary>
    public const string KubeExpired = "KubeExpired";

    /// <summary>The API server returned an error.</summary>
    public const string KubeFailed = "KubeFailed";

    /// <summary>The user does not have permission for the request.</summary>
    public const string KubeForbidden = "KubeForbidden";

    /// <summary>An API group of the cluster does not respond.</summary>
    public const string KubeGroupUnavailable = "KubeGroupUnavailable";

    /// <summary>The API server rejected the content of a request.</summary>
    public const string KubeInvalid = "KubeInvalid";

    /// <summary>The cluster does not have the kind.</summary>
    public const string KubeKindNotFound = "KubeKindNotFound";

    /// <summary>The name of an object is not valid.</summary>
    public const string KubeNameInvalid = "KubeNameInvalid";

    /// <summary>The object was not found.</summary>
    public const string KubeNotFound = "KubeNotFound";

    /// <summary>The credential plugin of the kubeconfig failed.</summary>
    public const string KubePluginFailed = "KubePluginFailed";

    /// <summary>The proxy to the API server failed.</summary>
    public const string KubeProxyFailed = "KubeProxyFailed";

    /// <summary>The API server redirected the request.</summary>
    public const string KubeRedirected = "KubeRedirected";

    /// <summary>The token file of the kubeconfig could not be read.</summary>
    public const string KubeTokenUnreadable = "KubeTokenUnreadable";

    /// <summary>The API server rejected the credentials.</summary>
    public const string KubeUnauthorized = "KubeUnauthorized";

    /// <summary>The API server is not ready.</summary>
    public const string KubeUnavailable = "KubeUnavailable";

    /// <summary>The API server does not respond.</summary>
    public const string KubeUnreachable = "KubeUnreachable";

    /// <summary>The certificate of the API server is not trusted.</summary>
    public const string KubeUntrusted = "KubeUntrusted";
}
