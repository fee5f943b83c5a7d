namespace KubeLab;

/// <summary>The ErrorIds of all errors that KubeLab reports. They are stable, so scripts can compare them.</summary>
public static class ErrorIds
{
    /// <summary>The given address is not an address of the machine.</summary>
    public const string AddressNotOnMachine = "AddressNotOnMachine";

    /// <summary>The address of a host could not be determined.</summary>
    public const string AddressUnknown = "AddressUnknown";

    /// <summary>The API server failed while KubeLab waited for it.</summary>
    public const string ApiServerFailed = "ApiServerFailed";

    /// <summary>The API server did not respond before the timeout.</summary>
    public const string ApiServerTimeout = "ApiServerTimeout";

    /// <summary>apt-get failed on the machine.</summary>
    public const string AptFailed = "AptFailed";

    /// <summary>The SSH server rejected the login, or a private key could not be used.</summary>
    public const string AuthenticationFailed = "AuthenticationFailed";

    /// <summary>The TLS certificate of a cloud is not trusted.</summary>
    public const string CertificateUnknown = "CertificateUnknown";

    /// <summary>The cloud is overloaded or temporarily unavailable.</summary>
    public const string CloudBusy = "CloudBusy";

    /// <summary>The cloud rejected a request because of a conflict with the current state.</summary>
    public const string CloudConflict = "CloudConflict";

    /// <summary>The cloud rejected the credentials.</summary>
    public const string CloudDenied = "CloudDenied";

    /// <summary>The cloud returned an error or an invalid response.</summary>
    public const string CloudFailed = "CloudFailed";

    /// <summary>The credentials do not have the role that a request requires.</summary>
    public const string CloudForbidden = "CloudForbidden";

    /// <summary>The configuration of a cloud or a response of the cloud is not valid.</summary>
    public const string CloudInvalid = "CloudInvalid";

    /// <summary>The servers of a cloud could not be listed.</summary>
    public const string CloudListFailed = "CloudListFailed";

    /// <summary>The servers of a cloud could not be listed before the timeout.</summary>
    public const string CloudListTimeout = "CloudListTimeout";

    /// <summary>The authentication type of a cloud is not supported.</summary>
    public const string CloudLoginUnsupported = "CloudLoginUnsupported";

    /// <summary>Several clouds are configured and none was selected.</summary>
    public const string CloudNotChosen = "CloudNotChosen";

    /// <summary>No cloud is configured.</summary>
    public const string CloudNotConfigured = "CloudNotConfigured";

    /// <summary>An object of the cloud was not found.</summary>
    public const string CloudNotFound = "CloudNotFound";

    /// <summary>The password for a cloud is missing.</summary>
    public const string CloudPasswordMissing = "CloudPasswordMissing";

    /// <summary>No project is configured for a cloud.</summary>
    public const string CloudProjectMissing = "CloudProjectMissing";

    /// <summary>The cloud rejected a request.</summary>
    public const string CloudRefused = "CloudRefused";

    /// <summary>The scope of a cloud is not a project.</summary>
    public const string CloudScopeUnsupported = "CloudScopeUnsupported";

    /// <summary>The cloud requires newer API versions than KubeLab supports.</summary>
    public const string CloudTooNew = "CloudTooNew";

    /// <summary>The cloud does not support the API version that a feature requires.</summary>
    public const string CloudTooOld = "CloudTooOld";

    /// <summary>The cloud is not in the configuration.</summary>
    public const string CloudUnknown = "CloudUnknown";

    /// <summary>The cloud does not respond.</summary>
    public const string CloudUnreachable = "CloudUnreachable";

    /// <summary>The cluster was not found.</summary>
    public const string ClusterNotFound = "ClusterNotFound";

    /// <summary>The control plane of the cluster is not initialized or does not respond.</summary>
    public const string ClusterNotInitialized = "ClusterNotInitialized";

    /// <summary>A command on a machine failed.</summary>
    public const string CommandFailed = "CommandFailed";

    /// <summary>The login shell or a forced command did not start a command.</summary>
    public const string CommandNotStarted = "CommandNotStarted";

    /// <summary>The SSH connection was lost while a command was running.</summary>
    public const string ConnectionLost = "ConnectionLost";

    /// <summary>The machine refused the SSH connection.</summary>
    public const string ConnectionRefused = "ConnectionRefused";

    /// <summary>The pod does not have the container.</summary>
    public const string ContainerNotFound = "ContainerNotFound";

    /// <summary>A container must be specified because there are several.</summary>
    public const string ContainerNotNamed = "ContainerNotNamed";

    /// <summary>The deployment does not have the container.</summary>
    public const string ContainerUnknown = "ContainerUnknown";

    /// <summary>The available containerd is too old for the Kubernetes version.</summary>
    public const string ContainerdTooOld = "ContainerdTooOld";

    /// <summary>The control plane of the cluster does not respond or was not specified.</summary>
    public const string ControlPlaneMissing = "ControlPlaneMissing";

    /// <summary>Copying files to or from a container failed.</summary>
    public const string CopyFailed = "CopyFailed";

    /// <summary>The application credential or token of a cloud has expired or was revoked.</summary>
    public const string CredentialExpired = "CredentialExpired";

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

    /// <summary>The disk of the Docker engine is full.</summary>
    public const string DockerDiskFull = "DockerDiskFull";

    /// <summary>A docker command failed.</summary>
    public const string DockerFailed = "DockerFailed";

    /// <summary>The docker command could not be run.</summary>
    public const string DockerNotInstalled = "DockerNotInstalled";

    /// <summary>The Docker engine does not respond.</summary>
    public const string DockerUnavailable = "DockerUnavailable";

    /// <summary>The folder does not exist or does not contain a Dockerfile.</summary>
    public const string DockerfileNotFound = "DockerfileNotFound";

    /// <summary>A node could not be drained.</summary>
    public const string DrainFailed = "DrainFailed";

    /// <summary>A node was not drained because pods would be lost or lose data.</summary>
    public const string DrainRefused = "DrainRefused";

    /// <summary>A node was not drained before the timeout.</summary>
    public const string DrainTimeout = "DrainTimeout";

    /// <summary>Events were requested for an input object of an unsupported type.</summary>
    public const string EventSubjectUnknown = "EventSubjectUnknown";

    /// <summary>The cloud has several external networks and none was selected.</summary>
    public const string ExternalNetworkAmbiguous = "ExternalNetworkAmbiguous";

    /// <summary>The cloud has no external network for the project.</summary>
    public const string ExternalNetworkMissing = "ExternalNetworkMissing";

    /// <summary>The state of a machine could not be read.</summary>
    public const string FactsFailed = "FactsFailed";

    /// <summary>A file is locked by another process.</summary>
    public const string FileLocked = "FileLocked";

    /// <summary>A file or folder was not found.</summary>
    public const string FileNotFound = "FileNotFound";

    /// <summary>The flavor is too small for the image.</summary>
    public const string FlavorTooSmall = "FlavorTooSmall";

    /// <summary>No floating IP could be assigned to a server.</summary>
    public const string FloatingIpMissing = "FloatingIpMissing";

    /// <summary>The host key is not the key in the known_hosts file.</summary>
    public const string HostKeyChanged = "HostKeyChanged";

    /// <summary>The host key is revoked in a known_hosts file.</summary>
    public const string HostKeyRevoked = "HostKeyRevoked";

    /// <summary>The host key is not in a known_hosts file.</summary>
    public const string HostKeyUnknown = "HostKeyUnknown";

    /// <summary>No host was specified for a machine of the Ssh provider.</summary>
    public const string HostNameMissing = "HostNameMissing";

    /// <summary>A route to the pods of another node could not be set.</summary>
    public const string HostRoutesFailed = "HostRoutesFailed";

    /// <summary>The machine could not be reached over SSH.</summary>
    public const string HostUnreachable = "HostUnreachable";

    /// <summary>docker build failed.</summary>
    public const string ImageBuildFailed = "ImageBuildFailed";

    /// <summary>A volume or label that an image declares is not valid.</summary>
    public const string ImageDeclarationInvalid = "ImageDeclarationInvalid";

    /// <summary>A machine with the same name exists with another image.</summary>
    public const string ImageDiffers = "ImageDiffers";

    /// <summary>The name of a machine image is not valid.</summary>
    public const string ImageInvalid = "ImageInvalid";

    /// <summary>The image of a machine is missing.</summary>
    public const string ImageMissing = "ImageMissing";

    /// <summary>The name for a published image is not valid.</summary>
    public const string ImageNameInvalid = "ImageNameInvalid";

    /// <summary>The Docker engine does not have the image.</summary>
    public const string ImageNotFound = "ImageNotFound";

    /// <summary>The output of docker save could not be read.</summary>
    public const string ImageSaveFailed = "ImageSaveFailed";

    /// <summary>The cloud image cannot be used for a node.</summary>
    public const string ImageUnsuitable = "ImageUnsuitable";

    /// <summary>The Docker image cannot be used for a machine.</summary>
    public const string ImageUnsupported = "ImageUnsupported";

    /// <summary>The images of Kubernetes could not be pulled.</summary>
    public const string ImagesUnreachable = "ImagesUnreachable";

    /// <summary>kubeadm init failed.</summary>
    public const string InitializeFailed = "InitializeFailed";

    /// <summary>The kernel's inotify limits are too low for the services of a node.</summary>
    public const string InotifyLimit = "InotifyLimit";

    /// <summary>An input object has an unsupported type.</summary>
    public const string InputUnknown = "InputUnknown";

    /// <summary>The installation of Kubernetes failed on a machine.</summary>
    public const string InstallFailed = "InstallFailed";

    /// <summary>The inventory of SSH hosts could not be read.</summary>
    public const string InventoryInvalid = "InventoryInvalid";

    /// <summary>kubeadm join failed.</summary>
    public const string JoinFailed = "JoinFailed";

    /// <summary>A machine did not join the cluster before the timeout.</summary>
    public const string JoinTimeout = "JoinTimeout";

    /// <summary>A JSONPath expression is not valid.</summary>
    public const string JsonPathInvalid = "JsonPathInvalid";

    /// <summary>The key pair was not found in the cloud.</summary>
    public const string KeyPairUnknown = "KeyPairUnknown";

    /// <summary>A kind or name is missing in the parameters.</summary>
    public const string KindNameMissing = "KindNameMissing";

    /// <summary>A custom resource definition was not accepted by the API server.</summary>
    public const string KindNotEstablished = "KindNotEstablished";

    /// <summary>A custom resource definition was not established before the timeout.</summary>
    public const string KindTimeout = "KindTimeout";

    /// <summary>KIND/NAME was specified with another kind than the cmdlet expects.</summary>
    public const string KindUnexpected = "KindUnexpected";

    /// <summary>The response of the API server is too long.</summary>
    public const string KubeAnswerTooLong = "KubeAnswerTooLong";

    /// <summary>The API server is overloaded.</summary>
    public const string KubeBusy = "KubeBusy";

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

    /// <summary>A single kind is required, but several were specified.</summary>
    public const string KubeKindMany = "KubeKindMany";

    /// <summary>The cluster does not have the kind.</summary>
    public const string KubeKindUnknown = "KubeKindUnknown";

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

    /// <summary>kubeadm is not installed on the machine.</summary>
    public const string KubeadmNotInstalled = "KubeadmNotInstalled";

    /// <summary>The kubeconfig is not valid.</summary>
    public const string KubeconfigInvalid = "KubeconfigInvalid";

    /// <summary>The kubeconfig is locked by another process.</summary>
    public const string KubeconfigLocked = "KubeconfigLocked";

    /// <summary>The kubeconfig could not be changed.</summary>
    public const string KubeconfigNotWritable = "KubeconfigNotWritable";

    /// <summary>An option was written in kubectl syntax instead of PowerShell syntax.</summary>
    public const string KubectlOption = "KubectlOption";

    /// <summary>The Kubernetes version is not valid.</summary>
    public const string KubernetesVersionInvalid = "KubernetesVersionInvalid";

    /// <summary>The Kubernetes version was not found in the package repository.</summary>
    public const string KubernetesVersionUnknown = "KubernetesVersionUnknown";

    /// <summary>Another run is changing the machine.</summary>
    public const string MachineBusy = "MachineBusy";

    /// <summary>The machine already belongs to a cluster.</summary>
    public const string MachineInUse = "MachineInUse";

    /// <summary>The machine was not found.</summary>
    public const string MachineNotFound = "MachineNotFound";

    /// <summary>The machine did not boot.</summary>
    public const string MachineNotUp = "MachineNotUp";

    /// <summary>The machine was removed while it was being created.</summary>
    public const string MachineRemoved = "MachineRemoved";

    /// <summary>The manifest is not valid.</summary>
    public const string ManifestInvalid = "ManifestInvalid";

    /// <summary>The manifest file or folder was not found.</summary>
    public const string ManifestNotFound = "ManifestNotFound";

    /// <summary>The manifest could not be read.</summary>
    public const string ManifestUnreadable = "ManifestUnreadable";

    /// <summary>The cluster has no metrics-server.</summary>
    public const string MetricsNotInstalled = "MetricsNotInstalled";

    /// <summary>The mirror file is not valid.</summary>
    public const string MirrorInvalid = "MirrorInvalid";

    /// <summary>The mirror could not be read.</summary>
    public const string MirrorUnreachable = "MirrorUnreachable";

    /// <summary>The name or pattern is not valid.</summary>
    public const string NameInvalid = "NameInvalid";

    /// <summary>The name or host is already used.</summary>
    public const string NameTaken = "NameTaken";

    /// <summary>The namespace was not found.</summary>
    public const string NamespaceNotFound = "NamespaceNotFound";

    /// <summary>The Docker network of the machines could not be created.</summary>
    public const string NetworkFailed = "NetworkFailed";

    /// <summary>No machine is available for the cluster.</summary>
    public const string NoMachine = "NoMachine";

    /// <summary>No node can store the data of a persistent volume.</summary>
    public const string NoNodeForVolume = "NoNodeForVolume";

    /// <summary>The image for Docker machines could not be built.</summary>
    public const string NodeImageFailed = "NodeImageFailed";

    /// <summary>The node was not found.</summary>
    public const string NodeNotFound = "NodeNotFound";

    /// <summary>A node cannot become Ready.</summary>
    public const string NodeNotReady = "NodeNotReady";

    /// <summary>A node was not Ready before the timeout.</summary>
    public const string NodeTimeout = "NodeTimeout";

    /// <summary>A node cannot get a pod CIDR.</summary>
    public const string PodCidrFailed = "PodCidrFailed";

    /// <summary>A node did not get a pod CIDR before the timeout.</summary>
    public const string PodCidrTimeout = "PodCidrTimeout";

    /// <summary>A command in a container failed.</summary>
    public const string PodCommandFailed = "PodCommandFailed";

    /// <summary>The connection to a pod was lost.</summary>
    public const string PodConnectionLost = "PodConnectionLost";

    /// <summary>The cluster exists with another pod network.</summary>
    public const string PodNetworkDiffers = "PodNetworkDiffers";

    /// <summary>The pod network could not be set up on a machine.</summary>
    public const string PodNetworkFailed = "PodNetworkFailed";

    /// <summary>The pod network is not a known name, a URL or a file.</summary>
    public const string PodNetworkUnknown = "PodNetworkUnknown";

    /// <summary>The manifest of the pod network could not be read.</summary>
    public const string PodNetworkUnreachable = "PodNetworkUnreachable";

    /// <summary>The pod was not found.</summary>
    public const string PodNotFound = "PodNotFound";

    /// <summary>The pod is not running.</summary>
    public const string PodNotRunning = "PodNotRunning";

    /// <summary>The object selects no pods.</summary>
    public const string PodsNone = "PodsNone";

    /// <summary>The local port is already in use.</summary>
    public const string PortInUse = "PortInUse";

    /// <summary>The service or pod does not have the port.</summary>
    public const string PortUnknown = "PortUnknown";

    /// <summary>A machine could not be started, stopped or restarted.</summary>
    public const string PowerFailed = "PowerFailed";

    /// <summary>A machine was not started, stopped or restarted before the timeout.</summary>
    public const string PowerTimeout = "PowerTimeout";

    /// <summary>The provider cannot start, stop or restart the machine.</summary>
    public const string PowerUnsupported = "PowerUnsupported";

    /// <summary>The provider does not exist.</summary>
    public const string ProviderUnknown = "ProviderUnknown";

    /// <summary>The cloud rejected a request because of a quota.</summary>
    public const string QuotaExceeded = "QuotaExceeded";

    /// <summary>The quota of the cloud project is too small for the machines.</summary>
    public const string QuotaShort = "QuotaShort";

    /// <summary>The cloud does not have the region.</summary>
    public const string RegionUnknown = "RegionUnknown";

    /// <summary>The image registry is overloaded or returned a server error.</summary>
    public const string RegistryBusy = "RegistryBusy";

    /// <summary>The credential for the image registry is not valid.</summary>
    public const string RegistryCredentialInvalid = "RegistryCredentialInvalid";

    /// <summary>The image registry rejected the login.</summary>
    public const string RegistryDenied = "RegistryDenied";

    /// <summary>The image registry returned an error.</summary>
    public const string RegistryFailed = "RegistryFailed";

    /// <summary>The cluster has no image registry.</summary>
    public const string RegistryNotFound = "RegistryNotFound";

    /// <summary>The port for the image registry is in use.</summary>
    public const string RegistryPortTaken = "RegistryPortTaken";

    /// <summary>The image registry could not be set up.</summary>
    public const string RegistrySetupFailed = "RegistrySetupFailed";

    /// <summary>The image registry failed to start.</summary>
    public const string RegistryStartFailed = "RegistryStartFailed";

    /// <summary>The image registry did not respond before the timeout.</summary>
    public const string RegistryStartTimeout = "RegistryStartTimeout";

    /// <summary>The image registry does not respond.</summary>
    public const string RegistryUnreachable = "RegistryUnreachable";

    /// <summary>The certificate or the upload address of the image registry is not trusted.</summary>
    public const string RegistryUntrusted = "RegistryUntrusted";

    /// <summary>A cloud resource of a removed machine could not be deleted.</summary>
    public const string ReleaseFailed = "ReleaseFailed";

    /// <summary>A cloud resource of a removed machine was not deleted before the timeout.</summary>
    public const string ReleaseTimeout = "ReleaseTimeout";

    /// <summary>An object could not be deleted.</summary>
    public const string RemovalFailed = "RemovalFailed";

    /// <summary>An object was not deleted before the timeout.</summary>
    public const string RemovalTimeout = "RemovalTimeout";

    /// <summary>Deleted objects of a cluster could not be recreated.</summary>
    public const string RepairFailed = "RepairFailed";

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

    /// <summary>A cloud server could not be created.</summary>
    public const string ServerFailed = "ServerFailed";

    /// <summary>A cloud server could not be deleted.</summary>
    public const string ServerRemovalFailed = "ServerRemovalFailed";

    /// <summary>A cloud server was not deleted before the timeout.</summary>
    public const string ServerRemovalTimeout = "ServerRemovalTimeout";

    /// <summary>A cloud server was not created before the timeout.</summary>
    public const string ServerTimeout = "ServerTimeout";

    /// <summary>A service of a node could not be started.</summary>
    public const string ServiceDown = "ServiceDown";

    /// <summary>The cloud does not provide a service.</summary>
    public const string ServiceMissing = "ServiceMissing";

    /// <summary>The port for a service is not specified.</summary>
    public const string ServicePortUnknown = "ServicePortUnknown";

    /// <summary>No pod of a service was ready before the timeout.</summary>
    public const string ServiceTimeout = "ServiceTimeout";

    /// <summary>The SSH configuration is not valid.</summary>
    public const string SshConfigInvalid = "SshConfigInvalid";

    /// <summary>A machine cannot be reached over SSH.</summary>
    public const string SshFailed = "SshFailed";

    /// <summary>The ssh command is not installed.</summary>
    public const string SshNotInstalled = "SshNotInstalled";

    /// <summary>A machine did not respond over SSH before the timeout.</summary>
    public const string SshTimeout = "SshTimeout";

    /// <summary>The network of the lab exists with another subnet.</summary>
    public const string SubnetDiffers = "SubnetDiffers";

    /// <summary>The subnet is not valid.</summary>
    public const string SubnetInvalid = "SubnetInvalid";

    /// <summary>The subnet overlaps another network.</summary>
    public const string SubnetOverlaps = "SubnetOverlaps";

    /// <summary>The subnet is too small for the machines.</summary>
    public const string SubnetTooSmall = "SubnetTooSmall";

    /// <summary>sudo rejected a command.</summary>
    public const string SudoDenied = "SudoDenied";

    /// <summary>The taint is not valid.</summary>
    public const string TaintInvalid = "TaintInvalid";

    /// <summary>An interactive session requires a terminal.</summary>
    public const string TerminalNeeded = "TerminalNeeded";

    /// <summary>A join token could not be created.</summary>
    public const string TokenFailed = "TokenFailed";

    /// <summary>The operating system of the machine is not supported.</summary>
    public const string UnsupportedMachine = "UnsupportedMachine";

    /// <summary>The machine has another Kubernetes version.</summary>
    public const string VersionDiffers = "VersionDiffers";

    /// <summary>The cloud does not provide volumes.</summary>
    public const string VolumesMissing = "VolumesMissing";

    /// <summary>A condition cannot be met.</summary>
    public const string WaitFailed = "WaitFailed";

    /// <summary>A condition was not met before the timeout.</summary>
    public const string WaitTimeout = "WaitTimeout";
}
