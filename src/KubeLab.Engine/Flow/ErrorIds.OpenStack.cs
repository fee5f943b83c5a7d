namespace KubeLab;

// Errors of OpenStack clouds.
public static partial class ErrorIds
{
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

    /// <summary>The cloud is not configured, or no cloud is.</summary>
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

    /// <summary>The cloud does not provide a service, for example volumes.</summary>
    public const string CloudServiceNotFound = "CloudServiceNotFound";

    /// <summary>The cloud requires newer API versions than KubeLab supports.</summary>
    public const string CloudTooNew = "CloudTooNew";

    /// <summary>The cloud does not respond.</summary>
    public const string CloudUnreachable = "CloudUnreachable";

    /// <summary>The application credential or token of a cloud has expired or was revoked.</summary>
    public const string CredentialExpired = "CredentialExpired";

    /// <summary>The cloud has several external networks, and none was selected or several have this name.</summary>
    public const string ExternalNetworkAmbiguous = "ExternalNetworkAmbiguous";

    /// <summary>The cloud does not have the external network, or has none for the project.</summary>
    public const string ExternalNetworkNotFound = "ExternalNetworkNotFound";

    /// <summary>The cloud has several flavors with this name.</summary>
    public const string FlavorAmbiguous = "FlavorAmbiguous";

    /// <summary>The cloud does not have the flavor.</summary>
    public const string FlavorNotFound = "FlavorNotFound";

    /// <summary>The flavor is too small for the image.</summary>
    public const string FlavorTooSmall = "FlavorTooSmall";

    /// <summary>No floating IP could be assigned to a server.</summary>
    public const string FloatingIpNotAssigned = "FloatingIpNotAssigned";

    /// <summary>The cloud has several images with this name.</summary>
    public const string ImageAmbiguous = "ImageAmbiguous";

    /// <summary>No image or flavor was specified for a machine of the OpenStack provider.</summary>
    public const string ImageMissing = "ImageMissing";

    /// <summary>The cloud image cannot be used for a node.</summary>
    public const string ImageUnsuitable = "ImageUnsuitable";

    /// <summary>The key pair was not found in the cloud.</summary>
    public const string KeyPairNotFound = "KeyPairNotFound";

    /// <summary>The machine was not found.</summary>
    public const string MachineNotFound = "MachineNotFound";

    /// <summary>The name or host is already used.</summary>
    public const string NameTaken = "NameTaken";

    /// <summary>The cloud has several networks with this name.</summary>
    public const string NetworkAmbiguous = "NetworkAmbiguous";

    /// <summary>The cloud does not have the network.</summary>
    public const string NetworkNotFound = "NetworkNotFound";

    /// <summary>A machine could not be started, stopped or restarted.</summary>
    public const string PowerFailed = "PowerFailed";

    /// <summary>A machine was not started, stopped or restarted before the timeout.</summary>
    public const string PowerTimeout = "PowerTimeout";

    /// <summary>The cloud rejected a request because of a quota.</summary>
    public const string QuotaExceeded = "QuotaExceeded";

    /// <summary>The quota of the cloud project is too small for the machines.</summary>
    public const string QuotaShort = "QuotaShort";

    /// <summary>The cloud does not have the region.</summary>
    public const string RegionNotFound = "RegionNotFound";

    /// <summary>A cloud resource of a removed machine could not be deleted.</summary>
    public const string ReleaseFailed = "ReleaseFailed";

    /// <summary>A cloud resource of a removed machine was not deleted before the timeout.</summary>
    public const string ReleaseTimeout = "ReleaseTimeout";

    /// <summary>A cloud server could not be created.</summary>
    public const string ServerFailed = "ServerFailed";

    /// <summary>A cloud server could not be deleted.</summary>
    public const string ServerRemovalFailed = "ServerRemovalFailed";

    /// <summary>A cloud server was not deleted before the timeout.</summary>
    public const string ServerRemovalTimeout = "ServerRemovalTimeout";

    /// <summary>A cloud server was not created before the timeout.</summary>
    public const string ServerTimeout = "ServerTimeout";

    /// <summary>The network of the lab exists with another subnet.</summary>
    public const string SubnetDiffers = "SubnetDiffers";

    /// <summary>The subnet is not valid.</summary>
    public const string SubnetInvalid = "SubnetInvalid";

    /// <summary>The subnet overlaps another network.</summary>
    public const string SubnetOverlaps = "SubnetOverlaps";

    /// <summary>The subnet is too small for the machines.</summary>
    public const string SubnetTooSmall = "SubnetTooSmall";

    /// <summary>The cloud has several availability zones with this name.</summary>
    public const string ZoneAmbiguous = "ZoneAmbiguous";

    /// <summary>The cloud does not have the availability zone.</summary>
    public const string ZoneNotFound = "ZoneNotFound";
}
