namespace KubeLab;

// Errors of machines, the Docker engine and SSH.
public static partial class ErrorIds
{
    /// <summary>The address of a host could not be determined.</summary>
    public const string AddressUnknown = "AddressUnknown";

    /// <summary>The SSH server rejected the login, or a private key could not be used.</summary>
    public const string AuthenticationFailed = "AuthenticationFailed";

    /// <summary>A command on a machine failed.</summary>
    public const string CommandFailed = "CommandFailed";

    /// <summary>The login shell or a forced command did not start a command.</summary>
    public const string CommandNotStarted = "CommandNotStarted";

    /// <summary>The SSH connection was lost while a command was running.</summary>
    public const string ConnectionLost = "ConnectionLost";

    /// <summary>The machine refused the SSH connection.</summary>
    public const string ConnectionRefused = "ConnectionRefused";

    /// <summary>The disk of the Docker engine is full.</summary>
    public const string DockerDiskFull = "DockerDiskFull";

    /// <summary>A docker command failed.</summary>
    public const string DockerFailed = "DockerFailed";

    /// <summary>The docker command could not be run.</summary>
    public const string DockerNotInstalled = "DockerNotInstalled";

    /// <summary>The Docker engine does not respond.</summary>
    public const string DockerUnavailable = "DockerUnavailable";

    /// <summary>A file is locked by another process.</summary>
    public const string FileLocked = "FileLocked";

    /// <summary>A file of KubeLab could not be written.</summary>
    public const string FileNotWritable = "FileNotWritable";

    /// <summary>The host key is not the key in the known_hosts file.</summary>
    public const string HostKeyChanged = "HostKeyChanged";

    /// <summary>The host key is revoked in a known_hosts file.</summary>
    public const string HostKeyRevoked = "HostKeyRevoked";

    /// <summary>The host key is not in a known_hosts file.</summary>
    public const string HostKeyUnknown = "HostKeyUnknown";

    /// <summary>No host was specified for a machine of the Ssh provider.</summary>
    public const string HostNameMissing = "HostNameMissing";

    /// <summary>The machine could not be reached over SSH.</summary>
    public const string HostUnreachable = "HostUnreachable";

    /// <summary>A machine with the same name exists with another image.</summary>
    public const string ImageDiffers = "ImageDiffers";

    /// <summary>The name of a machine image is not valid.</summary>
    public const string ImageInvalid = "ImageInvalid";

    /// <summary>The Docker image cannot be used for a machine.</summary>
    public const string ImageUnsupported = "ImageUnsupported";

    /// <summary>The inventory of SSH hosts could not be read.</summary>
    public const string InventoryInvalid = "InventoryInvalid";

    /// <summary>The machine did not boot.</summary>
    public const string MachineNotUp = "MachineNotUp";

    /// <summary>The machine was removed while it was being created.</summary>
    public const string MachineRemoved = "MachineRemoved";

    /// <summary>The name or pattern is not valid.</summary>
    public const string NameInvalid = "NameInvalid";

    /// <summary>The Docker network of the machines could not be created.</summary>
    public const string NetworkFailed = "NetworkFailed";

    /// <summary>The image for Docker machines could not be built.</summary>
    public const string NodeImageFailed = "NodeImageFailed";

    /// <summary>The provider cannot start, stop or restart the machine.</summary>
    public const string PowerUnsupported = "PowerUnsupported";

    /// <summary>The SSH configuration is not valid.</summary>
    public const string SshConfigInvalid = "SshConfigInvalid";

    /// <summary>A machine cannot be reached over SSH.</summary>
    public const string SshFailed = "SshFailed";

    /// <summary>A machine did not respond over SSH before the timeout.</summary>
    public const string SshTimeout = "SshTimeout";

    /// <summary>sudo rejected a command.</summary>
    public const string SudoDenied = "SudoDenied";
}
