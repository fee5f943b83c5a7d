namespace KubeLab.Engine.Machines.OpenStack.Client;

/// <summary>A service's own words; the inner exception of the <see cref="KlException"/> made of it.</summary>
/// <param name="code">The HTTP status code.</param>
/// <param name="reason">The service's name of the trouble: OverQuota, SubnetInUse (Neutron), badRequest, forbidden (Nova).</param>
/// <param name="message">What it said.</param>
/// <param name="requestId">The id under which the operators of the cloud find the request in their logs.</param>
public sealed class CloudStatusException(int code, string? reason, string message, string? requestId) : Exception(message)
{
    /// <summary>The HTTP status code.</summary>
    public int Code { get; } = code;

    /// <summary>The service's name of the trouble.</summary>
    public string? Reason { get; } = reason;

    /// <summary>The id of the request.</summary>
    public string? RequestId { get; } = requestId;
}

/// <summary>Short questions about errors.</summary>
public static class CloudStatus
{
    /// <summary>What the service answered, where the error is an answer.</summary>
    public static CloudStatusException? Answer(this KlException error) => error.InnerException as CloudStatusException;

    /// <summary>Whether the service says that the thing is in use, busy, or there already (409).</summary>
    public static bool IsConflict(this KlException error) => error.Answer() is { Code: 409 };
}
