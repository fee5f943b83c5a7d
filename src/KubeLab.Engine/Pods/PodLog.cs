using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;
using k8s.Models;
using KubeLab.Engine.Kube;

namespace KubeLab.Engine.Pods;

/// <summary>The complete log of one container. After a lost connection it continues without losing or repeating lines.</summary>
internal sealed class PodLog(KubeApi api, PodContainer at, LogQuery query, TimeProvider clock)
{
    private static readonly TimeSpan RetryInterval = TimeSpan.FromMilliseconds(500);

    // sinceTime has a resolution of one second, so the lines of the last second are recognized by their text.
    private readonly Dictionary<string, int> _lastLines = [];
    private DateTimeOffset? _lastSecond;
    private bool? _hasSplitLines;

    /// <summary>Reads the lines as they arrive.</summary>
    public async IAsyncEnumerable<KlLogLine> ReadAsync([EnumeratorCancellation] CancellationToken stop)
    {
        var first = query.Follow ? await RunAsync(stop) : default;
        for (var (follow, isRest) = (query.Follow, false); ;)
        {
            var (known, cut, progress) = (new Dictionary<string, int>(_lastLines), false, false);
            await using (var lines = api.LogAsync(at.Namespace, at.Pod, at.Container, Options(follow), stop).GetAsyncEnumerator(stop))
                while (await StepAsync(lines))
                {
                    progress = true;
                    // A kubelet that has no log any more says so in a line without a time stamp.
                    if (Parse(await TextAsync(lines.Current, stop), known) is { } line && (line.Time is not null || !isRest))
                        yield return line;
                }
            if (!follow && !cut)
                yield break;
            // A restart of the API server ends the log too, and the kubelet may end it before the runtime has written all lines. It is complete only if the
            // container has terminated and the rest was read after that.
            if (follow)
            {
                var (isSame, isRunning) = first.IsRunning ? await StateAsync(first.Id, stop) : default;
                (follow, isRest) = (isRunning, isSame && !isRunning);
                if (!isSame && !cut)
                    yield break;
            }
            if (follow || cut)
                await Task.Delay(RetryInterval, clock, stop);

            async Task<bool> StepAsync(IAsyncEnumerator<ReadOnlyMemory<byte>> lines)
            {
                try
                {
                    return await lines.MoveNextAsync();
                }
                catch (Exception error) when (!stop.IsCancellationRequested && (progress || follow || isRest)
                    && (KubeStatus.IsTransient(error) || KubeApi.IsNoAnswer(error)))
                {
                    cut = true;
                    return false;
                }
                catch (KlException error) when (isRest && error.Kind == KlErrorKind.NotFound)
                {
                    return false;
                }
            }
        }
    }

    private string Options(bool follow) =>
        (follow ? "&follow=true" : "") + (query.Previous ? "&previous=true" : "")
        + (_lastSecond is { } from ? "&sinceTime=" + Uri.EscapeDataString(from.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture))
            : (query.Since is { } since ? string.Create(CultureInfo.InvariantCulture, $"&sinceSeconds={Math.Max(1, Math.Ceiling(since.TotalSeconds)):0}") : "")
            + (query.Tail is { } tail ? string.Create(CultureInfo.InvariantCulture, $"&tailLines={tail}") : ""));

    private KlLogLine? Parse(string raw, Dictionary<string, int> known)
    {
        if (known.TryGetValue(raw, out var before) && before > 0)
        {
            known[raw] = before - 1;
            return null;
        }
        var end = raw.IndexOf(' ', StringComparison.Ordinal);
        if (!DateTimeOffset.TryParse(end < 0 ? raw : raw[..end], CultureInfo.InvariantCulture,
            DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var time))
            return new(at.Pod, at.Namespace, at.Container, null, raw);
        var second = time.AddTicks(-(time.Ticks % TimeSpan.TicksPerSecond));
        if (_lastSecond is null || second > _lastSecond)
        {
            _lastSecond = second;
            _lastLines.Clear();
        }
        if (second == _lastSecond)
            _lastLines[raw] = _lastLines.GetValueOrDefault(raw) + 1;
        return new(at.Pod, at.Namespace, at.Container, time, end < 0 ? "" : raw[(end + 1)..]);
    }

    /// <summary>Returns a line as the container wrote it, with its time stamp.</summary>
    private async ValueTask<string> TextAsync(ReadOnlyMemory<byte> line, CancellationToken stop)
    {
        var joined = SplitLine.Join(line.Span);
        return Encoding.UTF8.GetString(joined is not null && (_hasSplitLines ??= await HasSplitLinesAsync(stop)) ? joined : line.Span);
    }

    /// <summary>Whether the kubelet of the pod inserts time stamps in long lines. If unknown, lines are not changed.</summary>
    private async Task<bool> HasSplitLinesAsync(CancellationToken stop)
    {
        try
        {
            return (await api.FindAsync<V1Pod>(at.Pod, at.Namespace, stop))?.Spec.NodeName is { } name
                && await api.FindAsync<V1Node>(name, null, stop) is { Status.NodeInfo.KubeletVersion: { } version } && SplitLine.IsAffected(version);
        }
        catch (KlException)
        {
            return false;
        }
    }

    /// <summary>Whether the last run of the container is still the specified one, and running.</summary>
    private async Task<(bool IsSame, bool IsRunning)> StateAsync(string? run, CancellationToken stop)
    {
        try
        {
            var (id, isRunning) = await RunAsync(stop);
            return (id == run, id == run && isRunning);
        }
        catch (KlException error) when (KubeStatus.IsTransient(error))
        {
            // Without a response the container is assumed to be running.
            return (true, true);
        }
    }

    /// <summary>Returns the ID of the last run of the container, and whether it is running.</summary>
    private async Task<(string? Id, bool IsRunning)> RunAsync(CancellationToken stop)
    {
        var status = (await api.FindAsync<V1Pod>(at.Pod, at.Namespace, stop))?.Status;
        var container = ((IEnumerable<V1ContainerStatus>)[.. status?.ContainerStatuses ?? [], .. status?.InitContainerStatuses ?? [],
            .. status?.EphemeralContainerStatuses ?? []]).FirstOrDefault(c => c.Name == at.Container);
        return (container?.ContainerID, container?.State?.Running is not null);
    }
}
