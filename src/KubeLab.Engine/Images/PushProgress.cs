using System.Globalization;
using KubeLab.Engine.Flow;

namespace KubeLab.Engine.Images;

/// <summary>How much of an image the registry has, told in steps that a log can bear.</summary>
/// <param name="name">The image.</param>
/// <param name="size">About the bytes of all its layers: exact only when docker has written the last.</param>
/// <param name="events">Where it is told.</param>
internal sealed class PushProgress(string name, long size, IProgress<LabEvent> events)
{
    private const int Step = 4;
    private readonly Dictionary<string, long> _there = [];
    private readonly Lock _turn = new();
    private int _told = -Step;

    /// <summary>So many bytes of a blob are there now.</summary>
    public void Report(string digest, long bytes)
    {
        lock (_turn)
        {
            _there[digest] = bytes;
            var there = _there.Values.Sum();
            var total = Math.Max(size, there);
            var percent = (int)(100 * there / Math.Max(1, total));
            if (percent < 100 && percent < _told + Step || percent == _told)
                return;
            _told = percent;
            events.Step(name, string.Create(CultureInfo.InvariantCulture, $"push: {there / 1e6:0.0} of {total / 1e6:0.0} MB"), percent);
        }
    }
}
