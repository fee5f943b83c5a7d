namespace KubeLab;

// Errors of what runs on a cluster.
public static partial class ErrorIds
{
    /// <summary>The pod or deployment does not have the container.</summary>
    public const string ContainerNotFound = "ContainerNotFound";

    /// <summary>A container must be specified because there are several.</summary>
    public const string ContainerNotNamed = "ContainerNotNamed";

    /// <summary>Copying files to or from a container failed.</summary>
    public const string CopyFailed = "CopyFailed";

    /// <summary>A deployment with the same name exists that KubeLab did not create.</summary>
    public const string DeploymentExists = "DeploymentExists";

    /// <summary>The rollout of a deployment failed.</summary>
    public const string DeploymentFailed = "DeploymentFailed";

    /// <summary>The name of a deployment is not valid.</summary>
    public const string DeploymentNameInvalid = "DeploymentNameInvalid";

    /// <summary>The deployment was not found.</summary>
    public const string DeploymentNotFound = "DeploymentNotFound";

    /// <summary>The deployment is paused.</summary>
    public const string DeploymentPaused = "DeploymentPaused";

    /// <summary>The deployment was not available before the timeout.</summary>
    public const string DeploymentTimeout = "DeploymentTimeout";

    /// <summary>A node could not be drained.</summary>
    public const string DrainFailed = "DrainFailed";

    /// <summary>A node was not drained because pods would be lost or lose data.</summary>
    public const string DrainRefused = "DrainRefused";

    /// <summary>A file or folder was not found.</summary>
    public const string FileNotFound = "FileNotFound";

    /// <summary>A volume or label that an image declares is not valid.</summary>
    public const string ImageDeclarationInvalid = "ImageDeclarationInvalid";

    /// <summary>A custom resource definition was not accepted by the API server.</summary>
    public const string KindNotEstablished = "KindNotEstablished";

    /// <summary>A custom resource definition was not established before the timeout.</summary>
    public const string KindTimeout = "KindTimeout";

    /// <summary>A single kind is required, but several were specified.</summary>
    public const string KubeKindMany = "KubeKindMany";

    /// <summary>The manifest is not valid.</summary>
    public const string ManifestInvalid = "ManifestInvalid";

    /// <summary>The manifest file or folder was not found.</summary>
    public const string ManifestNotFound = "ManifestNotFound";

    /// <summary>The manifest could not be read.</summary>
    public const string ManifestUnreadable = "ManifestUnreadable";

    /// <summary>The cluster has no metrics-server.</summary>
    public const string MetricsNotInstalled = "MetricsNotInstalled";

    /// <summary>The namespace was not found.</summary>
    public const string NamespaceNotFound = "NamespaceNotFound";

    /// <summary>The node was not found.</summary>
    public const string NodeNotFound = "NodeNotFound";

    /// <summary>No node can store the data of a persistent volume.</summary>
    public const string NoNodeForVolume = "NoNodeForVolume";

    /// <summary>A command in a container failed.</summary>
    public const string PodCommandFailed = "PodCommandFailed";

    /// <summary>The connection to a pod was lost.</summary>
    public const string PodConnectionLost = "PodConnectionLost";

    /// <summary>The pod was not found, or the object selects no pods.</summary>
    public const string PodNotFound = "PodNotFound";

    /// <summary>The pod is not running.</summary>
    public const string PodNotRunning = "PodNotRunning";

    /// <summary>The local port is already in use.</summary>
    public const string PortInUse = "PortInUse";

    /// <summary>The service or pod does not have the port.</summary>
    public const string PortNotFound = "PortNotFound";

    /// <summary>An object could not be deleted.</summary>
    public const string RemovalFailed = "RemovalFailed";

    /// <summary>An object was not deleted before the timeout.</summary>
    public const string RemovalTimeout = "RemovalTimeout";

    /// <summary>The object was not found.</summary>
    public const string ResourceNotFound = "ResourceNotFound";

    /// <summary>A condition of an object cannot be met.</summary>
    public const string ResourceWaitFailed = "ResourceWaitFailed";

    /// <summary>A condition of an object was not met before the timeout.</summary>
    public const string ResourceWaitTimeout = "ResourceWaitTimeout";

    /// <summary>The deployment does not have the revision.</summary>
    public const string RevisionNotFound = "RevisionNotFound";

    /// <summary>The reference to a secret is not valid.</summary>
    public const string SecretReferenceInvalid = "SecretReferenceInvalid";

    /// <summary>A service with the same name exists that KubeLab did not create.</summary>
    public const string ServiceExists = "ServiceExists";

    /// <summary>The service has no port on the nodes.</summary>
    public const string ServiceNodePortMissing = "ServiceNodePortMissing";

    /// <summary>The service was not found.</summary>
    public const string ServiceNotFound = "ServiceNotFound";

    /// <summary>The service has several ports.</summary>
    public const string ServicePortAmbiguous = "ServicePortAmbiguous";

    /// <summary>No port was specified for a service.</summary>
    public const string ServicePortMissing = "ServicePortMissing";

    /// <summary>No pod of a service was ready before the timeout.</summary>
    public const string ServiceTimeout = "ServiceTimeout";

    /// <summary>The taint is not valid.</summary>
    public const string TaintInvalid = "TaintInvalid";
}
