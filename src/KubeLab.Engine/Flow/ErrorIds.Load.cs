namespace KubeLab;

// Errors of availability measurements.
public static partial class ErrorIds
{
    /// <summary>The service has no address to which requests can be sent.</summary>
    public const string EndpointNone = "EndpointNone";

    /// <summary>The address is not an absolute URL with the scheme http, https or tcp.</summary>
    public const string EndpointInvalid = "EndpointInvalid";

    /// <summary>The expected response is neither a status nor a text.</summary>
    public const string ExpectationInvalid = "ExpectationInvalid";

    /// <summary>The rate, the duration or another value of a load is not valid.</summary>
    public const string LoadInvalid = "LoadInvalid";

    /// <summary>No endpoint responded as expected before the first fault.</summary>
    public const string ProbeFailed = "ProbeFailed";
}
