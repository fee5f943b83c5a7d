using System.Globalization;
using KubeLab.Engine.Flow;
using KubeLab.Engine.Kube;

namespace KubeLab.Engine.Pods;

/// <summary>A program that we started in a container. The API has no way to end it, and it lives on when its connection has ended.</summary>
internal sealed class PodProcess(KubeApi api, PodContainer at, string program)
{
    /// <summary>
    /// What the runtime starts in a container has no parent there and a process group of its own (proc(5): stat). The one that is as old as ours
    /// is ours; where there are two, none is touched. $1 and $2: its age in hundredths of a second, at least and at most; $3: its parent.
    /// </summary>
    internal const string End = """
        read -r up _ </proc/uptime || exit 1
        now=${up%.*}${up#*.} low=$1 high=$2 parent=$3 found=
        for stat in /proc/[0-9]*/stat; do
            { read -r line <"$stat"; } 2>/dev/null || continue
            pid=${line%% *}
            set -- ${line##*) }
            [ "$1" != Z ] && [ "$2 $3" = "$parent $pid" ] && [ "$pid" != 1 ] && [ "$pid" != $$ ] || continue
            age=$((now - ${20}))
            if [ "$age" -ge "$low" ] && [ "$age" -le "$high" ]; then found="$found $pid"; fi
        done
        set -- $found
        [ $# = 1 ] || exit 3
        kill -s TERM -- "-$1" || exit 4
        kill -s HUP -- "-$1" 2>/dev/null
        n=0
        while kill -s 0 -- "-$1" 2>/dev/null; do
            [ $n -lt 30 ] || { kill -s KILL -- "-$1"; exit; }
            sleep 0.1 || sleep 1
            n=$((n + 1))
        done
        exit 0
        """;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(8);
    private static readonly TimeSpan Slack = TimeSpan.FromSeconds(3);
    private readonly long _asked = api.Clock.GetTimestamp();
    private long? _answered;

    /// <summary>The server has taken the request.</summary>
    public void Answered() => _answered = api.Clock.GetTimestamp();

    /// <summary>Ends it where the container has what that takes, and says so where it may live on.</summary>
    public async Task EndAsync()
    {
        using var late = new CancellationTokenSource(Patience);
        try
        {
            if (_answered is { } answered && await PodCommands.ExecuteAsync(api, at, ["sh", "-c", End, "sh", Age(answered, -Slack), Age(_asked, Slack), "0"],
                null, (_, _) => ValueTask.CompletedTask, () => { }, late.Token) == 0)
                return;
        }
        catch (Exception error) when (error is KlException or OperationCanceledException)
        {
            // There is no sh, the pod or the server is gone, or it is not allowed.
        }
        LabEvents.Current?.Warning($"{at.Namespace}/{at.Pod}",
            $"'{program}' may still be running in the container {at.Container}: it could not be ended from here.");
    }

    private string Age(long since, TimeSpan more) =>
        Math.Max(0, (api.Clock.GetElapsedTime(since) + more).TotalMilliseconds / 10).ToString("0", CultureInfo.InvariantCulture);
}
