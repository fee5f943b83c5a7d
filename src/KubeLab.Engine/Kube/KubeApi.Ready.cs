using System.Net;
using KubeLab.Engine.Flow;

namespace KubeLab.Engine.Kube;

public sealed partial class KubeApi
{
    // A server that has just started loads its roles half a second after its first response, and is ready some seconds later.
    private static readonly TimeSpan RoleLoadTime = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan StartTimeout = TimeSpan.FromSeconds(60);
    // A restart takes longer. Idle connections do not show it: the next request silently opens another one.
    private static readonly TimeSpan MinRestartTime = TimeSpan.FromSeconds(1);

    /// <summary>Fails unless the API server has started. A server without /readyz, or one that denies access to it, counts as started.</summary>
    /// <exception cref="KlException">KubeUnavailable if it has not started; and the errors of any request.</exception>
    internal async Task EnsureReadyAsync(CancellationToken stop)
    {
        if (await NotReadyReasonAsync(stop) is { } why)
            throw new KlException(ErrorIds.KubeUnavailable, KlErrorKind.Unreachable, Cluster, $"The API server of {Cluster} is not ready: {why}",
                "Wait a moment, then run the command again.");
    }

    /// <summary>Why the server has not started yet, or null.</summary>
    private async Task<string?> NotReadyReasonAsync(CancellationToken stop)
    {
        using var limit = new TimeLimit(_clock, stop);
        try
        {
            using var answer = await AskAsync(HttpMethod.Get, "readyz", null, limit);
            if (answer.StatusCode == HttpStatusCode.Forbidden)
                return _clock.GetElapsedTime(_connection.RefusedSince ??= _clock.GetTimestamp()) < RoleLoadTime ? "its RBAC roles are not loaded yet." : null;
            _connection.RefusedSince = null;
            if ((int)answer.StatusCode < 500)
                return null;
            var failed = (await HeadAsync(answer.Content, MaxTextLength, limit.Token)).Split('\n')
                .Where(line => line.StartsWith("[-]", StringComparison.Ordinal)).Select(line => line[3..].Split(' ')[0]).ToList();
            return failed.Count > 0 ? $"{string.Join(", ", failed)} not ready." : $"/readyz responded with {(int)answer.StatusCode}.";
        }
        catch (Exception error) when (IsNoAnswer(error) && !stop.IsCancellationRequested)
        {
            throw NoAnswer(error);
        }
    }

    /// <summary>Whether a 403 may come from a server that has not loaded its roles yet. Waits until it is ready.</summary>
    private async Task<bool> HasStartedAsync(CancellationToken stop)
    {
        if (_connection.AcceptedAt is { } accepted && _clock.GetElapsedTime(accepted) < MinRestartTime)
            return false;
        var wasStarting = false;
        await Wait.TryUntilAsync(NotReadyReasonAsync, why => why is null ? Verdict.Ready : Verdict.Pending(why),
            new(Cluster, "the API server to start", StartTimeout, PollInterval), _clock, stop, why =>
            {
                wasStarting = true;
                LabEvents.Current?.Detail(Cluster, $"the API server is starting: {why}");
            });
        return wasStarting;
    }
}
