namespace KubeLab;

/// <summary>The ErrorIds of all errors that KubeLab reports. They are stable, so scripts can compare them.</summary>
public static partial class ErrorIds
{
    /// <summary>The cluster was not found.</summary>
    public const string ClusterNotFound = "ClusterNotFound";

    /// <summary>An input object has an unsupported type.</summary>
    public const string InputInvalid = "InputInvalid";

    /// <summary>A kind or name is missing in the parameters.</summary>
    public const string KindNameMissing = "KindNameMissing";

    /// <summary>KIND/NAME was specified with another kind than the cmdlet expects.</summary>
    public const string KindUnexpected = "KindUnexpected";

    /// <summary>The response of the API server is too long.</summary>
    public const string KubeAnswerTooLong = "KubeAnswerTooLong";

    /// <summary>An option was written in kubectl syntax instead of PowerShell syntax.</summary>
    public const string KubectlOption = "KubectlOption";

    /// <summary>The parameters do not specify machines of the selected provider.</summary>
    public const string ProviderMismatch = "ProviderMismatch";

    /// <summary>The provider does not exist.</summary>
    public const string ProviderNotFound = "ProviderNotFound";

    /// <summary>The cluster has no image registry.</summary>
    public const string RegistryNotFound = "RegistryNotFound";

    /// <summary>The ssh command is not installed.</summary>
    public const string SshNotInstalled = "SshNotInstalled";

    /// <summary>An interactive session requires a terminal.</summary>
    public const string TerminalNeeded = "TerminalNeeded";

    /// <summary>A condition cannot be met.</summary>
    public const string WaitFailed = "WaitFailed";

    /// <summary>A condition was not met before the timeout.</summary>
    public const string WaitTimeout = "WaitTimeout";
}
