namespace KubeLab.Engine.Reliability.Load;

/// <summary>One request.</summary>
/// <param name="Index">Its number.</param>
/// <param name="Due">Its appointed time, from the start.</param>
/// <param name="Endpoint">The number of the endpoint.</param>
/// <param name="Latency">The time from the appointed time to the end of the response, or to the failure.</param>
/// <param name="Result">The result.</param>
internal readonly record struct Sample(long Index, TimeSpan Due, int Endpoint, TimeSpan Latency, ProbeResult Result)
{
    public bool IsFailed => Result.Reason is not null;
}
