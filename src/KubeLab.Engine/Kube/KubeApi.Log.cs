using System.Runtime.CompilerServices;
using k8s.Models;

namespace KubeLab.Engine.Kube;

public sealed partial class KubeApi
{
    /// <summary>Reads the lines of a container's log, each prefixed with its timestamp. Each line is valid until the next one is requested.
    /// A line that was cut off by a broken connection is omitted.</summary>
    /// <param name="ns">The pod's namespace.</param>
    /// <param name="pod">The pod.</param>
    /// <param name="container">The container.</param>
    /// <param name="options">Additional query parameters: &amp;follow=true, ...</param>
    /// <param name="stop">Cancels the operation.</param>
    internal async IAsyncEnumerable<ReadOnlyMemory<byte>> LogAsync(string ns, string pod, string container, string options,
        [EnumeratorCancellation] CancellationToken stop)
    {
        using var answer = await StreamAsync($"{KubeKind.Of<V1Pod>().Path(ns, pod)}/log?container={Uri.EscapeDataString(container)}&timestamps=true{options}",
            stop);
        await using var stream = await answer.Content.ReadAsStreamAsync(stop);
        var (lines, buffer) = (new LineBuffer(), new byte[32 * 1024]);
        for (int count; (count = await stream.ReadAsync(buffer, stop)) > 0;)
            foreach (var line in lines.Add(buffer.AsMemory(0, count)))
                yield return line;
        if (lines.End() is { } last)
            yield return last;
    }
}
