using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;
using k8s.Models;
using KubeLab.Engine.Kube;

namespace KubeLab.Engine.Pods;

/// <summary>One container's log, whole: what a broken connection cut off is asked for again, and nothing is told twice.</summary>
internal sealed class PodLog(KubeApi api, PodContainer at, LogQuery query, TimeProvider clock)
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(500);

    // The server takes whole seconds to begin at: what was told of the last one is known by its text.
    private readonly Dictionary<string, int> _told = [];
    private DateTimeOffset? _second;
    private bool? _splits;

    /// <summary>Its lines, as they come.</summary>
    public async IAsyncEnumerable<KlLogLine> ReadAsync([EnumeratorCancellation] CancellationToken stop)
    {
        var first = query.Follow ? await RunAsync(stop) : null;
        for (var follow = query.Follow; ;)
        {
            var (known, cut, progress) = (new Dictionary<string, int>(_told), false, false);
            await using (var lines = api.LogAsync(at.Namespace, at.Pod, at.Container, Options(follow), stop).GetAsyncEnumerator(stop))
                while (await StepAsync(lines))
                {
                    progress = true;
                    if (New(await TextAsync(lines.Current, stop), known) is { } line)
                        yield return line;
                }
            if (!follow && !cut)
                yield break;
            // A clean end says nothing: a server that restarts ends logs too. Only a container that has ended is at its log's end.
            follow = follow && first is not null && await StillAsync(first, stop);
            if (!follow && !cut)
                yield break;
            await Task.Delay(Pause, clock, stop);

            async Task<bool> StepAsync(IAsyncEnumerator<ReadOnlyMemory<byte>> lines)
            {
                try
                {
                    return await lines.MoveNextAsync();
                }
                catch (Exception error) when (!stop.IsCancellationRequested && (progress || follow) && (KubeStatus.IsPassing(error) || KubeApi.IsNoAnswer(error)))
                {
                    cut = true;
                    return false;
                }
            }
        }
    }

    private string Options(bool follow) =>
        (follow ? "&follow=true" : "") + (query.Previous ? "&previous=true" : "")
        + (_second is { } from ? "&sinceTime=" + Uri.EscapeDataString(from.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture))
            : (query.Since is { } since ? string.Create(CultureInfo.InvariantCulture, $"&sinceSeconds={Math.Max(1, Math.Ceiling(since.TotalSeconds)):0}") : "")
            + (query.Tail is { } tail ? string.Create(CultureInfo.InvariantCulture, $"&tailLines={tail}") : ""));

    private KlLogLine? New(string raw, Dictionary<string, int> known)
    {
        if (known.TryGetValue(raw, out var before) && before > 0)
        {
            known[raw] = before - 1;
            return null;
        }
        var end = raw.IndexOf(' ', StringComparison.Ordinal);
        if (!DateTimeOffset.TryParse(end < 0 ? raw : raw[..end], CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var time))
            return new(at.Pod, at.Namespace, at.Container, null, raw);
        var second = time.AddTicks(-(time.Ticks % TimeSpan.TicksPerSecond));
        if (_second is null || second > _second)
        {
            _second = second;
            _told.Clear();
        }
        if (second == _second)
            _told[raw] = _told.GetValueOrDefault(raw) + 1;
        return new(at.Pod, at.Namespace, at.Container, time, end < 0 ? "" : raw[(end + 1)..]);
    }

    /// <summary>A line as the container wrote it, its time before it.</summary>
    private async ValueTask<string> TextAsync(ReadOnlyMemory<byte> line, CancellationToken stop)
    {
        var joined = SplitLine.Join(line.Span);
        return Encoding.UTF8.GetString(joined is not null && (_splits ??= await SplitsAsync(stop)) ? joined : line.Span);
    }

    /// <summary>Whether the pod's kubelet puts times into long lines. Where nobody tells, a line stays as it is.</summary>
    private async Task<bool> SplitsAsync(CancellationToken stop)
    {
        try
        {
            return (await api.FindAsync<V1Pod>(at.Pod, at.Namespace, stop))?.Spec.NodeName is { } name
                && await api.FindAsync<V1Node>(name, null, stop) is { Status.NodeInfo.KubeletVersion: { } version } && SplitLine.IsOf(version);
        }
        catch (KlException)
        {
            return false;
        }
    }

    private async Task<bool> StillAsync(string run, CancellationToken stop)
    {
        try
        {
            return await RunAsync(stop) == run;
        }
        catch (KlException passing) when (KubeStatus.IsPassing(passing))
        {
            // No answer is no end.
            return true;
        }
    }

    /// <summary>The container's present run, or null where it does not run.</summary>
    private async Task<string?> RunAsync(CancellationToken stop)
    {
        var status = (await api.FindAsync<V1Pod>(at.Pod, at.Namespace, stop))?.Status;
        return ((IEnumerable<V1ContainerStatus>)[.. status?.ContainerStatuses ?? [], .. status?.InitContainerStatuses ?? [], .. status?.EphemeralContainerStatuses ?? []])
            .FirstOrDefault(c => c.Name == at.Container && c.State?.Running is not null)?.ContainerID;
    }
}
