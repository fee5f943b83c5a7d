namespace KubeLab;

// Errors of nodes, clusters, registries and images.
public static partial class ErrorIds
{
    /// <summary>The given address is not an address of the machine.</summary>
    public const string AddressNotOnMachine = "AddressNotOnMachine";

    /// <summary>The API server failed while KubeLab waited for it.</summary>
    public const string ApiServerFailed = "ApiServerFailed";

    /// <summary>The kubeconfig needs the API server of the node.</summary>
    public const string ApiServerInUse = "ApiServerInUse";

    /// <summary>The API server did not respond before the timeout.</summary>
    public const string ApiServerTimeout = "ApiServerTimeout";

    /// <summary>apt-get failed on the machine.</summary>
    public const string AptFailed = "AptFailed";

    /// <summary>The key of a certificate authority is not on the control plane.</summary>
    public const string AuthorityKeyMissing = "AuthorityKeyMissing";

    /// <summary>The backup is incomplete or was changed.</summary>
    public const string BackupDamaged = "BackupDamaged";

    /// <summary>The state of the cluster could not be read.</summary>
    public const string BackupFailed = "BackupFailed";

    /// <summary>The backup could not be written.</summary>
    public const string BackupNotWritable = "BackupNotWritable";

    /// <summary>The backup is of another cluster.</summary>
    public const string BackupOfOtherCluster = "BackupOfOtherCluster";

    /// <summary>The backup is encrypted, and no password was given.</summary>
    public const string BackupPasswordMissing = "BackupPasswordMissing";

    /// <summary>The backup cannot be decrypted with this password.</summary>
    public const string BackupPasswordWrong = "BackupPasswordWrong";

    /// <summary>The backup does not exist or could not be read.</summary>
    public const string BackupUnreadable = "BackupUnreadable";

    /// <summary>The machines have another version of Kubernetes than the backup.</summary>
    public const string BackupVersionDiffers = "BackupVersionDiffers";

    /// <summary>The certificates of a control plane were not renewed completely.</summary>
    public const string CertificateRenewalFailed = "CertificateRenewalFailed";

    /// <summary>The certificates of a machine could not be read.</summary>
    public const string CertificatesUnreadable = "CertificatesUnreadable";

    /// <summary>The control plane of the cluster is not initialized or does not respond.</summary>
    public const string ClusterNotInitialized = "ClusterNotInitialized";

    /// <summary>The cluster that is to be restored is running.</summary>
    public const string ClusterRunning = "ClusterRunning";

    /// <summary>Connections could not be checked on a node.</summary>
    public const string ConnectivityFailed = "ConnectivityFailed";

    /// <summary>The available containerd is too old for the Kubernetes version.</summary>
    public const string ContainerdTooOld = "ContainerdTooOld";

    /// <summary>The containers of a machine could not be listed.</summary>
    public const string ContainersUnreadable = "ContainersUnreadable";

    /// <summary>The cluster cannot have this number of control planes.</summary>
    public const string ControlPlaneCount = "ControlPlaneCount";

    /// <summary>The cluster exists with another endpoint.</summary>
    public const string ControlPlaneEndpointDiffers = "ControlPlaneEndpointDiffers";

    /// <summary>The endpoint is not valid.</summary>
    public const string ControlPlaneEndpointInvalid = "ControlPlaneEndpointInvalid";

    /// <summary>The cluster has no endpoint for several control planes.</summary>
    public const string ControlPlaneEndpointMissing = "ControlPlaneEndpointMissing";

    /// <summary>No machine is a control plane.</summary>
    public const string ControlPlaneExpected = "ControlPlaneExpected";

    /// <summary>The control plane of the cluster does not respond or was not specified.</summary>
    public const string ControlPlaneMissing = "ControlPlaneMissing";

    /// <summary>The folder does not exist or does not contain a Dockerfile.</summary>
    public const string DockerfileNotFound = "DockerfileNotFound";

    /// <summary>A node was not drained before the timeout.</summary>
    public const string DrainTimeout = "DrainTimeout";

    /// <summary>The etcd member of a node was not removed.</summary>
    public const string EtcdNotLeft = "EtcdNotLeft";

    /// <summary>etcd would lose its quorum.</summary>
    public const string EtcdQuorum = "EtcdQuorum";

    /// <summary>etcd is not healthy.</summary>
    public const string EtcdUnhealthy = "EtcdUnhealthy";

    /// <summary>The state of a machine could not be read.</summary>
    public const string FactsFailed = "FactsFailed";

    /// <summary>A route to the pods of another node could not be set.</summary>
    public const string HostRoutesFailed = "HostRoutesFailed";

    /// <summary>docker build failed.</summary>
    public const string ImageBuildFailed = "ImageBuildFailed";

    /// <summary>The name for a published image is not valid.</summary>
    public const string ImageNameInvalid = "ImageNameInvalid";

    /// <summary>The image does not exist.</summary>
    public const string ImageNotFound = "ImageNotFound";

    /// <summary>The output of docker save could not be read.</summary>
    public const string ImageSaveFailed = "ImageSaveFailed";

    /// <summary>The images of Kubernetes could not be pulled.</summary>
    public const string ImagesUnreachable = "ImagesUnreachable";

    /// <summary>kubeadm init failed.</summary>
    public const string InitializeFailed = "InitializeFailed";

    /// <summary>The kernel's inotify limits are too low for the services of a node.</summary>
    public const string InotifyLimit = "InotifyLimit";

    /// <summary>The installation of Kubernetes failed on a machine.</summary>
    public const string InstallFailed = "InstallFailed";

    /// <summary>kubeadm join failed.</summary>
    public const string JoinFailed = "JoinFailed";

    /// <summary>A machine did not join the cluster before the timeout.</summary>
    public const string JoinTimeout = "JoinTimeout";

    /// <summary>kubeadm is not installed on the machine.</summary>
    public const string KubeadmNotInstalled = "KubeadmNotInstalled";

    /// <summary>The Kubernetes version is not valid.</summary>
    public const string KubernetesVersionInvalid = "KubernetesVersionInvalid";

    /// <summary>The Kubernetes version was not found in the package repository.</summary>
    public const string KubernetesVersionNotFound = "KubernetesVersionNotFound";

    /// <summary>The node is the only control plane of its cluster.</summary>
    public const string LastControlPlane = "LastControlPlane";

    /// <summary>The load balancer could not be configured.</summary>
    public const string LoadBalancerFailed = "LoadBalancerFailed";

    /// <summary>The load balancer was not found.</summary>
    public const string LoadBalancerNotFound = "LoadBalancerNotFound";

    /// <summary>The port of the load balancer is used by something else.</summary>
    public const string LoadBalancerPortTaken = "LoadBalancerPortTaken";

    /// <summary>The provider of the machines cannot create a load balancer.</summary>
    public const string LoadBalancerUnsupported = "LoadBalancerUnsupported";

    /// <summary>Another run is changing the machine.</summary>
    public const string MachineBusy = "MachineBusy";

    /// <summary>The machine already belongs to a cluster.</summary>
    public const string MachineInUse = "MachineInUse";

    /// <summary>The mirror file is not valid.</summary>
    public const string MirrorInvalid = "MirrorInvalid";

    /// <summary>The mirror could not be read.</summary>
    public const string MirrorUnreachable = "MirrorUnreachable";

    /// <summary>Only this node can mount volumes that are in use.</summary>
    public const string NodeHasVolumes = "NodeHasVolumes";

    /// <summary>No machine has a log of the container.</summary>
    public const string NodeLogNotFound = "NodeLogNotFound";

    /// <summary>A log of a machine could not be read.</summary>
    public const string NodeLogUnreadable = "NodeLogUnreadable";

    /// <summary>The machine of a node is not known.</summary>
    public const string NodeMachineNotFound = "NodeMachineNotFound";

    /// <summary>The machine of a node cannot be used.</summary>
    public const string NodeMachineUnreachable = "NodeMachineUnreachable";

    /// <summary>A node cannot become Ready.</summary>
    public const string NodeNotReady = "NodeNotReady";

    /// <summary>A node was not Ready before the timeout.</summary>
    public const string NodeTimeout = "NodeTimeout";

    /// <summary>No machine is available for the cluster.</summary>
    public const string NoMachine = "NoMachine";

    /// <summary>A node cannot get a pod CIDR.</summary>
    public const string PodCidrFailed = "PodCidrFailed";

    /// <summary>A node did not get a pod CIDR before the timeout.</summary>
    public const string PodCidrTimeout = "PodCidrTimeout";

    /// <summary>The cluster exists with another pod network.</summary>
    public const string PodNetworkDiffers = "PodNetworkDiffers";

    /// <summary>The pod network could not be set up on a machine.</summary>
    public const string PodNetworkFailed = "PodNetworkFailed";

    /// <summary>The pod network is not a known name, a URL or a file.</summary>
    public const string PodNetworkInvalid = "PodNetworkInvalid";

    /// <summary>The manifest of the pod network could not be read.</summary>
    public const string PodNetworkUnreachable = "PodNetworkUnreachable";

    /// <summary>The image registry is overloaded or returned a server error.</summary>
    public const string RegistryBusy = "RegistryBusy";

    /// <summary>The credential for the image registry is not valid.</summary>
    public const string RegistryCredentialInvalid = "RegistryCredentialInvalid";

    /// <summary>The image registry rejected the login.</summary>
    public const string RegistryDenied = "RegistryDenied";

    /// <summary>The image registry returned an error.</summary>
    public const string RegistryFailed = "RegistryFailed";

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

    /// <summary>Deleted objects of a cluster could not be recreated.</summary>
    public const string RepairFailed = "RepairFailed";

    /// <summary>A machine could not be removed from its cluster completely.</summary>
    public const string ResetFailed = "ResetFailed";

    /// <summary>The state of the cluster could not be restored.</summary>
    public const string RestoreFailed = "RestoreFailed";

    /// <summary>A service of a node could not be started.</summary>
    public const string ServiceDown = "ServiceDown";

    /// <summary>A join token could not be created.</summary>
    public const string TokenFailed = "TokenFailed";

    /// <summary>The operating system of the machine is not supported.</summary>
    public const string UnsupportedMachine = "UnsupportedMachine";

    /// <summary>The machine has another Kubernetes version.</summary>
    public const string VersionDiffers = "VersionDiffers";

    /// <summary>A workload did not stop before its volumes were saved.</summary>
    public const string WorkloadNotStopped = "WorkloadNotStopped";
}
