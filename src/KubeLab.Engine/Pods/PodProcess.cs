using System.Globalization;
using KubeLab.Engine.Flow;
using KubeLab.Engine.Kube;

namespace KubeLab.Engine.Pods;

/// <summary>A program that was started in a container. The API cannot stop it, and it keeps running after its connection has ended.</summary>
internal sealed class PodProcess(KubeApi api, PodContainer at, string program)
{
    /// <summary>
    /// A process that the container runtime starts has no parent in the container and its own process group (proc(5): stat). The program is identified
    /// by its age; if two processes match, neither is stopped. $1 and $2: minimum and maximum age in hundredths of a second; $3: the parent process ID.
    /// </summary>
    internal const string StopScript = """
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

    private static readonly TimeSpan StopTimeout = TimeSpan.FromSeconds(8);
    private static readonly TimeSpan AgeTolerance = TimeSpan.FromSeconds(3);
    private readonly long _requestTime = api.Clock.GetTimestamp();
    private long? _acceptTime;

    /// <summary>Called when the API server has accepted the request.</summary>
    public void Accepted() => _acceptTime = api.Clock.GetTimestamp();

    /// <summary>Stops the program if the container has the tools for it; otherwise warns that it may still be running.</summary>
    public async Task StopAsync()
    {
        using var timer = new TimeLimit(StopTimeout, api.Clock, CancellationToken.None);
        try
        {
            if (_acceptTime is { } accepted && await PodCommands.ExecuteAsync(api, at,
                ["sh", "-c", StopScript, "sh", Age(accepted, -AgeTolerance), Age(_requestTime, AgeTolerance), "0"],
                null, (_, _) => ValueTask.CompletedTask, () => { }, timer.Token) == 0)
                return;
        }
        catch (Exception error) when (error is KlException or OperationCanceledException)
        {
            // The container has no sh, the pod or API server is unavailable, or permission is missing.
        }
        LabEvents.Current?.Warning($"{at.Namespace}/{at.Pod}",
            $"'{program}' may still be running in the container {at.Container}: it could not be stopped.");
    }

    private string Age(long since, TimeSpan more) =>
        Math.Max(0, (api.Clock.GetElapsedTime(since) + more).TotalMilliseconds / 10).ToString("0", CultureInfo.InvariantCulture);
}
