using KubeLab.Engine.Remote;

namespace KubeLab.Engine.Bootstrap;

/// <summary>An image that a system pod of a node cannot pull.</summary>
/// <param name="Image">The image.</param>
/// <param name="Cause">The error of the container runtime. During a back-off, older kubelets do not report it.</param>
internal sealed record FailedPull(string Image, string Cause);

/// <summary>Finds images of the pod network that cannot be pulled. Without them a node does not become Ready.</summary>
internal sealed class FailedPulls(INodeApi api, TimeProvider clock)
{
    private const string BackOff = "Back-off";
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(2);
    // The kubelet pulls again after 10 s and after another 20 s.
    private static readonly TimeSpan Tolerance = TimeSpan.FromSeconds(35);
    private readonly Dictionary<string, string> _causes = [];
    private long? _readAt;
    private long? _since;
    private string? _reason;

    /// <summary>Why an image of these nodes is missing, or null.</summary>
    /// <exception cref="KlException">ImagesUnreachable: some attempts have failed.</exception>
    public async Task<string?> ReasonAsync(IEnumerable<string> nodes, CancellationToken stop)
    {
        if (_readAt is { } at && clock.GetElapsedTime(at) < Interval)
            return _reason;
        _readAt = clock.GetTimestamp();
        foreach (var node in nodes)
            if (await FindAsync(node, stop) is { } found)
            {
                _since ??= clock.GetTimestamp();
                return clock.GetElapsedTime(_since.Value) < Tolerance ? _reason = found
                    : throw NodeScript.Error(node, $"{ErrorIds.ImagesUnreachable} {found}", NodeScript.CommonErrors);
            }
        (_since, _reason) = (null, null);
        return null;
    }

    private async Task<string?> FindAsync(string node, CancellationToken stop)
    {
        try
        {
            if (await api.FailedPullsAsync(node, stop) is not [var pull, ..])
                return null;
            if (!pull.Cause.StartsWith(BackOff, StringComparison.Ordinal) || pull.Cause.Contains(": ", StringComparison.Ordinal))
                _causes[pull.Image] = pull.Cause;
            return $"{pull.Image} could not be pulled: {_causes.GetValueOrDefault(pull.Image, pull.Cause)}";
        }
        catch (KlException)
        {
            // It is not known, and the nodes themselves are read again.
            return null;
        }
    }
}
