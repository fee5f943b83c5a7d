namespace KubeLab.Engine.Machines.OpenStack.Client;

/// <summary>A service's own message; the inner exception of the <see cref="KlException"/>.</summary>
/// <param name="code">The HTTP status code.</param>
/// <param name="reason">The service's error name: OverQuota, SubnetInUse (Neutron), badRequest, forbidden (Nova).</param>
/// <param name="message">The message.</param>
/// <param name="requestId">The ID with which the cloud's operators can find the request in their logs.</param>
public sealed class CloudStatusException(int code, string? reason, string message, string? requestId) : Exception(message)
{
    /// <summary>The HTTP status code.</summary>
    public int Code { get; } = code;

    /// <summary>The service's error name.</summary>
    public string? Reason { get; } = reason;

    /// <summary>The ID of the request.</summary>
    public string? RequestId { get; } = requestId;
}

/// <summary>Properties of errors.</summary>
public static class CloudStatus
{
    /// <summary>The service's response, if the error is one.</summary>
    public static CloudStatusException? Answer(this KlException error) => error.InnerException as CloudStatusException;

    /// <summary>Whether the service reports that the resource is in use, busy, or exists already (409).</summary>
    public static bool IsConflict(this KlException error) => error.Answer() is { Code: 409 };
}
