using System.Net;
using KubeLab.Engine.Flow;

namespace KubeLab.Engine.Kube;

public sealed partial class KubeApi
{
    // A server that has just started knows its roles half a second after it answers, and is ready some seconds later.
    private static readonly TimeSpan RolesTake = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan StartTakes = TimeSpan.FromSeconds(60);
    private bool _hasSucceeded;

    /// <summary>Ends once the API server says that it has started; one that has no /readyz, or keeps it from us, has.</summary>
    /// <exception cref="KlException">KubeUnavailable: not yet; and those of any request.</exception>
    internal async Task NeedReadyAsync(CancellationToken stop)
    {
        if (await WhyNotReadyAsync(stop) is { } why)
            throw new KlException(ErrorIds.KubeUnavailable, KlErrorKind.Unreachable, Cluster, $"The API server of {Cluster} is not ready: {why}", "Run it again in a moment.");
    }

    /// <summary>Why it has not started yet, or null.</summary>
    private async Task<string?> WhyNotReadyAsync(CancellationToken stop)
    {
        using var limit = new Limit(RequestTimeout, _clock, stop);
        try
        {
            using var answer = await AskAsync(HttpMethod.Get, "readyz", null, limit);
            if (answer.StatusCode == HttpStatusCode.Forbidden)
                return _clock.GetElapsedTime(_connection.RefusedSince ??= _clock.GetTimestamp()) < RolesTake ? "its roles are not loaded yet." : null;
            _connection.RefusedSince = null;
            if ((int)answer.StatusCode < 500)
                return null;
            var failed = (await HeadAsync(answer.Content, LongestText, limit.Token)).Split('\n').Where(line => line.StartsWith("[-]", StringComparison.Ordinal)).Select(line => line[3..].Split(' ')[0]).ToList();
            return failed.Count > 0 ? $"{string.Join(", ", failed)} not done." : $"/readyz answers {(int)answer.StatusCode}.";
        }
        catch (Exception error) when (IsNoAnswer(error) && !stop.IsCancellationRequested)
        {
            throw NoAnswer(error);
        }
    }

    /// <summary>Whether a refusal may come from a server that does not know its roles yet; it is ready then.</summary>
    private async Task<bool> HasStartedAsync(CancellationToken stop)
    {
        if (_hasSucceeded || await WhyNotReadyAsync(stop) is not { } why)
            return false;
        LabEvents.Current?.Detail(Cluster, $"the API server is starting: {why}");
        for (var start = _clock.GetTimestamp(); why is not null && _clock.GetElapsedTime(start) < StartTakes; why = await WhyNotReadyAsync(stop))
            await Task.Delay(Beat, _clock, stop);
        return true;
    }
}
