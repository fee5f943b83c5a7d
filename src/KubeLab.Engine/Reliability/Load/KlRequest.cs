namespace KubeLab;

/// <summary>A single request of Measure-KlAvailability -PassThru.</summary>
public sealed record KlRequest
{
    /// <summary>The appointed time.</summary>
    public required DateTimeOffset Time { get; init; }

    /// <summary>The endpoint.</summary>
    public required string Endpoint { get; init; }

    /// <summary>The milliseconds from the appointed time to the end of the response, or to the failure.</summary>
    public required double Latency { get; init; }

    /// <summary>Whether the response was as expected.</summary>
    public bool Succeeded => Reason is null;

    /// <summary>The HTTP status, or null without an HTTP response.</summary>
    public int? Status { get; init; }

    /// <summary>Why the request failed: Refused, Reset, TimedOut, Status503, WrongContent, NotSent, ...; null if it succeeded.</summary>
    public string? Reason { get; init; }
}
