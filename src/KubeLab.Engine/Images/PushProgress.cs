using System.Globalization;
using KubeLab.Engine.Flow;

namespace KubeLab.Engine.Images;

/// <summary>Reports the progress of a push, in steps that do not flood a log.</summary>
/// <param name="name">The name of the image.</param>
/// <param name="size">The approximate size of all layers in bytes.</param>
/// <param name="events">Receives the progress.</param>
internal sealed class PushProgress(string name, long size, IProgress<LabEvent> events)
{
    private const int Step = 4;
    private readonly Dictionary<string, long> _sent = [];
    private readonly Lock _gate = new();
    private int _reported = -Step;

    /// <summary>Reports the number of bytes of a blob that are in the registry.</summary>
    public void Report(string digest, long bytes)
    {
        lock (_gate)
        {
            _sent[digest] = bytes;
            var sent = _sent.Values.Sum();
            var total = Math.Max(size, sent);
            var percent = (int)(100 * sent / Math.Max(1, total));
            if (percent < 100 && percent < _reported + Step || percent == _reported)
                return;
            _reported = percent;
            events.Step(name, string.Create(CultureInfo.InvariantCulture, $"push: {sent / 1e6:0.0} of {total / 1e6:0.0} MB"), percent);
        }
    }
}
