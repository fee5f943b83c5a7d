namespace KubeLab;

/// <summary>The ErrorId of each error that KubeLab reports. They are part of the public contract: scripts compare by them.</summary>
public static class ErrorIds
{
    /// <summary>AddressNotOnMachine.</summary>
    public const string AddressNotOnMachine = "AddressNotOnMachine";

    /// <summary>AddressUnknown.</summary>
    public const string AddressUnknown = "AddressUnknown";

    /// <summary>ApiServerFailed.</summary>
    public const string ApiServerFailed = "ApiServerFailed";

    /// <summary>ApiServerTimeout.</summary>
    public const string ApiServerTimeout = "ApiServerTimeout";

    /// <summary>AptFailed.</summary>
    public const string AptFailed = "AptFailed";

    /// <summary>AuthenticationFailed.</summary>
    public const string AuthenticationFailed = "AuthenticationFailed";

    /// <summary>CertificateUnknown.</summary>
    public const string CertificateUnknown = "CertificateUnknown";

    /// <summary>CloudBusy.</summary>
    public const string CloudBusy = "CloudBusy";

    /// <summary>CloudConflict.</summary>
    public const string CloudConflict = "CloudConflict";

    /// <summary>CloudDenied.</summary>
    public const string CloudDenied = "CloudDenied";

    /// <summary>CloudFailed.</summary>
    public const string CloudFailed = "CloudFailed";

    /// <summary>CloudForbidden.</summary>
    public const string CloudForbidden = "CloudForbidden";

    /// <summary>CloudInvalid.</summary>
    public const string CloudInvalid = "CloudInvalid";

    /// <summary>CloudListFailed.</summary>
    public const string CloudListFailed = "CloudListFailed";

    /// <summary>CloudListTimeout.</summary>
    public const string CloudListTimeout = "CloudListTimeout";

    /// <summary>CloudLoginUnsupported.</summary>
    public const string CloudLoginUnsupported = "CloudLoginUnsupported";

    /// <summary>CloudNotChosen.</summary>
    public const string CloudNotChosen = "CloudNotChosen";

    /// <summary>CloudNotConfigured.</summary>
    public const string CloudNotConfigured = "CloudNotConfigured";

    /// <summary>CloudNotFound.</summary>
    public const string CloudNotFound = "CloudNotFound";

    /// <summary>CloudPasswordMissing.</summary>
    public const string CloudPasswordMissing = "CloudPasswordMissing";

    /// <summary>CloudProjectMissing.</summary>
    public const string CloudProjectMissing = "CloudProjectMissing";

    /// <summary>CloudRefused.</summary>
    public const string CloudRefused = "CloudRefused";

    /// <summary>CloudScopeUnsupported.</summary>
    public const string CloudScopeUnsupported = "CloudScopeUnsupported";

    /// <summary>CloudTooNew.</summary>
    public const string CloudTooNew = "CloudTooNew";

    /// <summary>CloudTooOld.</summary>
    public const string CloudTooOld = "CloudTooOld";

    /// <summary>CloudUnknown.</summary>
    public const string CloudUnknown = "CloudUnknown";

    /// <summary>CloudUnreachable.</summary>
    public const string CloudUnreachable = "CloudUnreachable";

    /// <summary>ClusterNotFound.</summary>
    public const string ClusterNotFound = "ClusterNotFound";

    /// <summary>ClusterNotInitialized.</summary>
    public const string ClusterNotInitialized = "ClusterNotInitialized";

    /// <summary>CommandFailed.</summary>
    public const string CommandFailed = "CommandFailed";

    /// <summary>CommandNotStarted.</summary>
    public const string CommandNotStarted = "CommandNotStarted";

    /// <summary>ConnectionLost.</summary>
    public const string ConnectionLost = "ConnectionLost";

    /// <summary>ConnectionRefused.</summary>
    public const string ConnectionRefused = "ConnectionRefused";

    /// <summary>ContainerNotFound.</summary>
    public const string ContainerNotFound = "ContainerNotFound";

    /// <summary>ContainerNotNamed.</summary>
    public const string ContainerNotNamed = "ContainerNotNamed";

    /// <summary>ContainerUnknown.</summary>
    public const string ContainerUnknown = "ContainerUnknown";

    /// <summary>ContainerdTooOld.</summary>
    public const string ContainerdTooOld = "ContainerdTooOld";

    /// <summary>ControlPlaneMissing.</summary>
    public const string ControlPlaneMissing = "ControlPlaneMissing";

    /// <summary>CopyFailed.</summary>
    public const string CopyFailed = "CopyFailed";

    /// <summary>CredentialExpired.</summary>
    public const string CredentialExpired = "CredentialExpired";

    /// <summary>DeploymentFailed.</summary>
    public const string DeploymentFailed = "DeploymentFailed";

    /// <summary>DeploymentNameInvalid.</summary>
    public const string DeploymentNameInvalid = "DeploymentNameInvalid";

    /// <summary>DeploymentNotFound.</summary>
    public const string DeploymentNotFound = "DeploymentNotFound";

    /// <summary>DeploymentPaused.</summary>
    public const string DeploymentPaused = "DeploymentPaused";

    /// <summary>DeploymentTimeout.</summary>
    public const string DeploymentTimeout = "DeploymentTimeout";

    /// <summary>DockerDiskFull.</summary>
    public const string DockerDiskFull = "DockerDiskFull";

    /// <summary>DockerFailed.</summary>
    public const string DockerFailed = "DockerFailed";

    /// <summary>DockerNotInstalled.</summary>
    public const string DockerNotInstalled = "DockerNotInstalled";

    /// <summary>DockerUnavailable.</summary>
    public const string DockerUnavailable = "DockerUnavailable";

    /// <summary>DockerfileNotFound.</summary>
    public const string DockerfileNotFound = "DockerfileNotFound";

    /// <summary>DrainFailed.</summary>
    public const string DrainFailed = "DrainFailed";

    /// <summary>DrainRefused.</summary>
    public const string DrainRefused = "DrainRefused";

    /// <summary>DrainTimeout.</summary>
    public const string DrainTimeout = "DrainTimeout";

    /// <summary>EventSubjectUnknown.</summary>
    public const string EventSubjectUnknown = "EventSubjectUnknown";

    /// <summary>ExternalNetworkAmbiguous.</summary>
    public const string ExternalNetworkAmbiguous = "ExternalNetworkAmbiguous";

    /// <summary>ExternalNetworkMissing.</summary>
    public const string ExternalNetworkMissing = "ExternalNetworkMissing";

    /// <summary>FactsFailed.</summary>
    public const string FactsFailed = "FactsFailed";

    /// <summary>FileLocked.</summary>
    public const string FileLocked = "FileLocked";

    /// <summary>FileNotFound.</summary>
    public const string FileNotFound = "FileNotFound";

    /// <summary>FlavorTooSmall.</summary>
    public const string FlavorTooSmall = "FlavorTooSmall";

    /// <summary>FloatingIpMissing.</summary>
    public const string FloatingIpMissing = "FloatingIpMissing";

    /// <summary>HostKeyChanged.</summary>
    public const string HostKeyChanged = "HostKeyChanged";

    /// <summary>HostKeyRevoked.</summary>
    public const string HostKeyRevoked = "HostKeyRevoked";

    /// <summary>HostKeyUnknown.</summary>
    public const string HostKeyUnknown = "HostKeyUnknown";

    /// <summary>HostNameMissing.</summary>
    public const string HostNameMissing = "HostNameMissing";

    /// <summary>HostRoutesFailed.</summary>
    public const string HostRoutesFailed = "HostRoutesFailed";

    /// <summary>HostUnreachable.</summary>
    public const string HostUnreachable = "HostUnreachable";

    /// <summary>ImageBuildFailed.</summary>
    public const string ImageBuildFailed = "ImageBuildFailed";

    /// <summary>ImageDeclarationInvalid.</summary>
    public const string ImageDeclarationInvalid = "ImageDeclarationInvalid";

    /// <summary>ImageDiffers.</summary>
    public const string ImageDiffers = "ImageDiffers";

    /// <summary>ImageInvalid.</summary>
    public const string ImageInvalid = "ImageInvalid";

    /// <summary>ImageMissing.</summary>
    public const string ImageMissing = "ImageMissing";

    /// <summary>ImageNameInvalid.</summary>
    public const string ImageNameInvalid = "ImageNameInvalid";

    /// <summary>ImageNotFound.</summary>
    public const string ImageNotFound = "ImageNotFound";

    /// <summary>ImageSaveFailed.</summary>
    public const string ImageSaveFailed = "ImageSaveFailed";

    /// <summary>ImageUnsuitable.</summary>
    public const string ImageUnsuitable = "ImageUnsuitable";

    /// <summary>ImageUnsupported.</summary>
    public const string ImageUnsupported = "ImageUnsupported";

    /// <summary>ImagesUnreachable.</summary>
    public const string ImagesUnreachable = "ImagesUnreachable";

    /// <summary>InitializeFailed.</summary>
    public const string InitializeFailed = "InitializeFailed";

    /// <summary>InotifyLimit.</summary>
    public const string InotifyLimit = "InotifyLimit";

    /// <summary>InputUnknown.</summary>
    public const string InputUnknown = "InputUnknown";

    /// <summary>InstallFailed.</summary>
    public const string InstallFailed = "InstallFailed";

    /// <summary>InventoryInvalid.</summary>
    public const string InventoryInvalid = "InventoryInvalid";

    /// <summary>JoinFailed.</summary>
    public const string JoinFailed = "JoinFailed";

    /// <summary>JoinTimeout.</summary>
    public const string JoinTimeout = "JoinTimeout";

    /// <summary>JsonPathInvalid.</summary>
    public const string JsonPathInvalid = "JsonPathInvalid";

    /// <summary>KeyPairUnknown.</summary>
    public const string KeyPairUnknown = "KeyPairUnknown";

    /// <summary>KindNameMissing.</summary>
    public const string KindNameMissing = "KindNameMissing";

    /// <summary>KindNotEstablished.</summary>
    public const string KindNotEstablished = "KindNotEstablished";

    /// <summary>KindTimeout.</summary>
    public const string KindTimeout = "KindTimeout";

    /// <summary>KindUnexpected.</summary>
    public const string KindUnexpected = "KindUnexpected";

    /// <summary>KubeAnswerTooLong.</summary>
    public const string KubeAnswerTooLong = "KubeAnswerTooLong";

    /// <summary>KubeBusy.</summary>
    public const string KubeBusy = "KubeBusy";

    /// <summary>KubeConflict.</summary>
    public const string KubeConflict = "KubeConflict";

    /// <summary>KubeContextNotFound.</summary>
    public const string KubeContextNotFound = "KubeContextNotFound";

    /// <summary>KubeExists.</summary>
    public const string KubeExists = "KubeExists";

    /// <summary>KubeExpired.</summary>
    public const string KubeExpired = "KubeExpired";

    /// <summary>KubeFailed.</summary>
    public const string KubeFailed = "KubeFailed";

    /// <summary>KubeForbidden.</summary>
    public const string KubeForbidden = "KubeForbidden";

    /// <summary>KubeGroupUnavailable.</summary>
    public const string KubeGroupUnavailable = "KubeGroupUnavailable";

    /// <summary>KubeInvalid.</summary>
    public const string KubeInvalid = "KubeInvalid";

    /// <summary>KubeKindMany.</summary>
    public const string KubeKindMany = "KubeKindMany";

    /// <summary>KubeKindUnknown.</summary>
    public const string KubeKindUnknown = "KubeKindUnknown";

    /// <summary>KubeNameInvalid.</summary>
    public const string KubeNameInvalid = "KubeNameInvalid";

    /// <summary>KubeNotFound.</summary>
    public const string KubeNotFound = "KubeNotFound";

    /// <summary>KubePluginFailed.</summary>
    public const string KubePluginFailed = "KubePluginFailed";

    /// <summary>KubeProxyFailed.</summary>
    public const string KubeProxyFailed = "KubeProxyFailed";

    /// <summary>KubeRedirected.</summary>
    public const string KubeRedirected = "KubeRedirected";

    /// <summary>KubeTokenUnreadable.</summary>
    public const string KubeTokenUnreadable = "KubeTokenUnreadable";

    /// <summary>KubeUnauthorized.</summary>
    public const string KubeUnauthorized = "KubeUnauthorized";

    /// <summary>KubeUnavailable.</summary>
    public const string KubeUnavailable = "KubeUnavailable";

    /// <summary>KubeUnreachable.</summary>
    public const string KubeUnreachable = "KubeUnreachable";

    /// <summary>KubeUntrusted.</summary>
    public const string KubeUntrusted = "KubeUntrusted";

    /// <summary>KubeadmNotInstalled.</summary>
    public const string KubeadmNotInstalled = "KubeadmNotInstalled";

    /// <summary>KubeconfigInvalid.</summary>
    public const string KubeconfigInvalid = "KubeconfigInvalid";

    /// <summary>KubeconfigLocked.</summary>
    public const string KubeconfigLocked = "KubeconfigLocked";

    /// <summary>KubeconfigNotWritable.</summary>
    public const string KubeconfigNotWritable = "KubeconfigNotWritable";

    /// <summary>KubectlOption.</summary>
    public const string KubectlOption = "KubectlOption";

    /// <summary>KubernetesVersionInvalid.</summary>
    public const string KubernetesVersionInvalid = "KubernetesVersionInvalid";

    /// <summary>KubernetesVersionUnknown.</summary>
    public const string KubernetesVersionUnknown = "KubernetesVersionUnknown";

    /// <summary>MachineBusy.</summary>
    public const string MachineBusy = "MachineBusy";

    /// <summary>MachineInUse.</summary>
    public const string MachineInUse = "MachineInUse";

    /// <summary>MachineNotFound.</summary>
    public const string MachineNotFound = "MachineNotFound";

    /// <summary>MachineNotUp.</summary>
    public const string MachineNotUp = "MachineNotUp";

    /// <summary>MachineRemoved.</summary>
    public const string MachineRemoved = "MachineRemoved";

    /// <summary>ManifestInvalid.</summary>
    public const string ManifestInvalid = "ManifestInvalid";

    /// <summary>ManifestNotFound.</summary>
    public const string ManifestNotFound = "ManifestNotFound";

    /// <summary>ManifestUnreadable.</summary>
    public const string ManifestUnreadable = "ManifestUnreadable";

    /// <summary>MetricsNotInstalled.</summary>
    public const string MetricsNotInstalled = "MetricsNotInstalled";

    /// <summary>MirrorInvalid.</summary>
    public const string MirrorInvalid = "MirrorInvalid";

    /// <summary>MirrorUnreachable.</summary>
    public const string MirrorUnreachable = "MirrorUnreachable";

    /// <summary>NameInvalid.</summary>
    public const string NameInvalid = "NameInvalid";

    /// <summary>NameTaken.</summary>
    public const string NameTaken = "NameTaken";

    /// <summary>NamespaceNotFound.</summary>
    public const string NamespaceNotFound = "NamespaceNotFound";

    /// <summary>NetworkFailed.</summary>
    public const string NetworkFailed = "NetworkFailed";

    /// <summary>NoMachine.</summary>
    public const string NoMachine = "NoMachine";

    /// <summary>NoNodeForVolume.</summary>
    public const string NoNodeForVolume = "NoNodeForVolume";

    /// <summary>NodeImageFailed.</summary>
    public const string NodeImageFailed = "NodeImageFailed";

    /// <summary>NodeNotFound.</summary>
    public const string NodeNotFound = "NodeNotFound";

    /// <summary>NodeNotReady.</summary>
    public const string NodeNotReady = "NodeNotReady";

    /// <summary>NodeTimeout.</summary>
    public const string NodeTimeout = "NodeTimeout";

    /// <summary>PodCidrFailed.</summary>
    public const string PodCidrFailed = "PodCidrFailed";

    /// <summary>PodCidrTimeout.</summary>
    public const string PodCidrTimeout = "PodCidrTimeout";

    /// <summary>PodCommandFailed.</summary>
    public const string PodCommandFailed = "PodCommandFailed";

    /// <summary>PodConnectionLost.</summary>
    public const string PodConnectionLost = "PodConnectionLost";

    /// <summary>PodNetworkDiffers.</summary>
    public const string PodNetworkDiffers = "PodNetworkDiffers";

    /// <summary>PodNetworkFailed.</summary>
    public const string PodNetworkFailed = "PodNetworkFailed";

    /// <summary>PodNetworkUnknown.</summary>
    public const string PodNetworkUnknown = "PodNetworkUnknown";

    /// <summary>PodNetworkUnreachable.</summary>
    public const string PodNetworkUnreachable = "PodNetworkUnreachable";

    /// <summary>PodNotFound.</summary>
    public const string PodNotFound = "PodNotFound";

    /// <summary>PodNotRunning.</summary>
    public const string PodNotRunning = "PodNotRunning";

    /// <summary>PodsNone.</summary>
    public const string PodsNone = "PodsNone";

    /// <summary>PortInUse.</summary>
    public const string PortInUse = "PortInUse";

    /// <summary>PortUnknown.</summary>
    public const string PortUnknown = "PortUnknown";

    /// <summary>PowerFailed.</summary>
    public const string PowerFailed = "PowerFailed";

    /// <summary>PowerTimeout.</summary>
    public const string PowerTimeout = "PowerTimeout";

    /// <summary>PowerUnsupported.</summary>
    public const string PowerUnsupported = "PowerUnsupported";

    /// <summary>ProviderUnknown.</summary>
    public const string ProviderUnknown = "ProviderUnknown";

    /// <summary>QuotaExceeded.</summary>
    public const string QuotaExceeded = "QuotaExceeded";

    /// <summary>QuotaShort.</summary>
    public const string QuotaShort = "QuotaShort";

    /// <summary>RegionUnknown.</summary>
    public const string RegionUnknown = "RegionUnknown";

    /// <summary>RegistryBusy.</summary>
    public const string RegistryBusy = "RegistryBusy";

    /// <summary>RegistryCredentialInvalid.</summary>
    public const string RegistryCredentialInvalid = "RegistryCredentialInvalid";

    /// <summary>RegistryDenied.</summary>
    public const string RegistryDenied = "RegistryDenied";

    /// <summary>RegistryFailed.</summary>
    public const string RegistryFailed = "RegistryFailed";

    /// <summary>RegistryNotFound.</summary>
    public const string RegistryNotFound = "RegistryNotFound";

    /// <summary>RegistryPortTaken.</summary>
    public const string RegistryPortTaken = "RegistryPortTaken";

    /// <summary>RegistrySetupFailed.</summary>
    public const string RegistrySetupFailed = "RegistrySetupFailed";

    /// <summary>RegistryStartFailed.</summary>
    public const string RegistryStartFailed = "RegistryStartFailed";

    /// <summary>RegistryStartTimeout.</summary>
    public const string RegistryStartTimeout = "RegistryStartTimeout";

    /// <summary>RegistryUnreachable.</summary>
    public const string RegistryUnreachable = "RegistryUnreachable";

    /// <summary>RegistryUntrusted.</summary>
    public const string RegistryUntrusted = "RegistryUntrusted";

    /// <summary>ReleaseFailed.</summary>
    public const string ReleaseFailed = "ReleaseFailed";

    /// <summary>ReleaseTimeout.</summary>
    public const string ReleaseTimeout = "ReleaseTimeout";

    /// <summary>RemovalFailed.</summary>
    public const string RemovalFailed = "RemovalFailed";

    /// <summary>RemovalTimeout.</summary>
    public const string RemovalTimeout = "RemovalTimeout";

    /// <summary>RepairFailed.</summary>
    public const string RepairFailed = "RepairFailed";

    /// <summary>ResourceNotFound.</summary>
    public const string ResourceNotFound = "ResourceNotFound";

    /// <summary>ResourceWaitFailed.</summary>
    public const string ResourceWaitFailed = "ResourceWaitFailed";

    /// <summary>ResourceWaitTimeout.</summary>
    public const string ResourceWaitTimeout = "ResourceWaitTimeout";

    /// <summary>RevisionNotFound.</summary>
    public const string RevisionNotFound = "RevisionNotFound";

    /// <summary>SecretReferenceInvalid.</summary>
    public const string SecretReferenceInvalid = "SecretReferenceInvalid";

    /// <summary>ServerFailed.</summary>
    public const string ServerFailed = "ServerFailed";

    /// <summary>ServerRemovalFailed.</summary>
    public const string ServerRemovalFailed = "ServerRemovalFailed";

    /// <summary>ServerRemovalTimeout.</summary>
    public const string ServerRemovalTimeout = "ServerRemovalTimeout";

    /// <summary>ServerTimeout.</summary>
    public const string ServerTimeout = "ServerTimeout";

    /// <summary>ServiceDown.</summary>
    public const string ServiceDown = "ServiceDown";

    /// <summary>ServiceMissing.</summary>
    public const string ServiceMissing = "ServiceMissing";

    /// <summary>ServicePortUnknown.</summary>
    public const string ServicePortUnknown = "ServicePortUnknown";

    /// <summary>ServiceTimeout.</summary>
    public const string ServiceTimeout = "ServiceTimeout";

    /// <summary>SshConfigInvalid.</summary>
    public const string SshConfigInvalid = "SshConfigInvalid";

    /// <summary>SshFailed.</summary>
    public const string SshFailed = "SshFailed";

    /// <summary>SshNotInstalled.</summary>
    public const string SshNotInstalled = "SshNotInstalled";

    /// <summary>SshTimeout.</summary>
    public const string SshTimeout = "SshTimeout";

    /// <summary>SubnetDiffers.</summary>
    public const string SubnetDiffers = "SubnetDiffers";

    /// <summary>SubnetInvalid.</summary>
    public const string SubnetInvalid = "SubnetInvalid";

    /// <summary>SubnetOverlaps.</summary>
    public const string SubnetOverlaps = "SubnetOverlaps";

    /// <summary>SubnetTooSmall.</summary>
    public const string SubnetTooSmall = "SubnetTooSmall";

    /// <summary>SudoDenied.</summary>
    public const string SudoDenied = "SudoDenied";

    /// <summary>TaintInvalid.</summary>
    public const string TaintInvalid = "TaintInvalid";

    /// <summary>TerminalNeeded.</summary>
    public const string TerminalNeeded = "TerminalNeeded";

    /// <summary>TokenFailed.</summary>
    public const string TokenFailed = "TokenFailed";

    /// <summary>UnsupportedMachine.</summary>
    public const string UnsupportedMachine = "UnsupportedMachine";

    /// <summary>VersionDiffers.</summary>
    public const string VersionDiffers = "VersionDiffers";

    /// <summary>VolumesMissing.</summary>
    public const string VolumesMissing = "VolumesMissing";

    /// <summary>WaitFailed.</summary>
    public const string WaitFailed = "WaitFailed";

    /// <summary>WaitTimeout.</summary>
    public const string WaitTimeout = "WaitTimeout";
}
