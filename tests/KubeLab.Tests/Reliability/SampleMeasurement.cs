namespace KubeLab.Tests.Reliability;

/// <summary>A measurement of 90 s at 40 requests a second: four endpoints, three faults, two outages, and high latency during the third fault.</summary>
internal static class SampleMeasurement
{
    public static readonly DateTimeOffset Start = new(2026, 11, 26, 20, 3, 12, TimeSpan.FromHours(1));

    private static readonly string[] Nodes = [.. Enumerable.Range(1, 4).Select(i => $"http://10.77.0.1{i}:30080/")];

    public static KlAvailability Create(string name = "web")
    {
        var timeline = Enumerable.Range(0, 90).Select(Second).ToArray();
        var faults = Faults();
        return new()
        {
            Name = name, Cluster = "kubernetes", Started = Start, Duration = TimeSpan.FromSeconds(90), Rate = 40,
            Requests = 3600, Succeeded = 3392, Failed = 208, NotSent = 6, Availability = 3392.0 / 3600, AvailabilityLow = 0.93412, AvailabilityHigh = 0.94938,
            Nines = 1.238, Mttr = TimeSpan.FromSeconds(7.25), Mtbf = TimeSpan.FromSeconds(18.3), Latency = new(3.1, 6.4, 1180, 1420, 1490, 1496),
            OutageCount = 2,
            Outages =
            [
                new()
                {
                    Started = At(12.2),
                    Ended = At(14.3),
                    Duration = TimeSpan.FromSeconds(2.1),
                    Failed = 84,
                    Reason = "Refused",
                    Faults = [$"{faults[0]}"],
                },
                new()
                {
                    Started = At(30.5), Ended = At(42.9), Duration = TimeSpan.FromSeconds(12.4), Failed = 124, Reason = "TimedOut", Faults = [$"{faults[1]}"],
                    Endpoint = Nodes[2],
                },
            ],
            Reasons = new Dictionary<string, long> { ["Refused"] = 84, ["TimedOut"] = 118, ["NotSent"] = 6 },
            Phases =
            [
                Part("Before", 0, 12, 480, 0), Part($"{faults[0]}", 12, 30, 720, 84), Part($"{faults[1]}", 30, 60, 1200, 124),
                Part($"{faults[2]}", 60, 79, 760, 0, 1240), Part("After", 79, 90, 440, 0),
            ],
            Endpoints = [.. Nodes.Select((node, i) => Part(node, 0, 90, 900, i == 2 ? 145 : 21))],
            Faults = [.. faults], Timeline = timeline, Interval = TimeSpan.FromSeconds(1),
            Environment = new Dictionary<string, string>
            {
                ["Cluster"] = "kubernetes, 4 nodes", ["Kubernetes"] = "v1.37.2", ["KubeLab"] = "0.1.0", ["PowerShell"] = "7.6.9",
                ["Service"] = "web, NodePort 30080, 3 replicas",
                ["During"] = """
                    Get-KlPod database* | Start-KlFault ContainerKill -Wait
                    Get-KlVm kubernetes-3 | Start-KlFault NodeCrash -For 20s -Wait
                    Get-KlNode kubernetes-4 | Start-KlFault NetworkPartition -From (Get-KlNode kubernetes-2) -For 15s -Wait
                    """,
            },
        };
    }

    /// <summary>A measurement without failures, outages and faults.</summary>
    public static KlAvailability Healthy(string name = "api")
    {
        var with = Create(name);
        return with with
        {
            Succeeded = 3600,
            Failed = 0,
            NotSent = 0,
            Availability = 1,
            AvailabilityLow = 0.998934,
            AvailabilityHigh = 1,
            Nines = null,
            Mttr = null,
            Mtbf = null,
            Outages = [],
            OutageCount = 0,
            Reasons = new Dictionary<string, long>(),
            Phases = [Part("Before", 0, 90, 3600, 0)],
            Faults = [],
            Latency = new(3.1, 6.4, 12, 18, 21, 21.4),
            Timeline = [.. with.Timeline.Take(10).Select((point, i) => point with { Start = At(9 * i), Requests = 360 })],
            Interval = TimeSpan.FromSeconds(9),
        };
    }

    /// <summary>A measurement that was stopped before its first request.</summary>
    public static KlAvailability Empty(string name = "none") => Healthy(name) with
    {
        Cluster = null,
        Duration = TimeSpan.Zero,
        Requests = 0,
        Succeeded = 0,
        Availability = double.NaN,
        AvailabilityLow = double.NaN,
        AvailabilityHigh = double.NaN,
        Latency = null,
        Phases = [],
        Endpoints = [],
        Timeline = [],
        Interval = TimeSpan.Zero,
        Environment = new Dictionary<string, string>(),
    };

    private static DateTimeOffset At(double seconds) => Start.AddSeconds(seconds);

    private static KlFault[] Faults() =>
    [
        Fault("a", FaultKind.ContainerKill, "default/database-0", 12, 0, 3.4), Fault("b", FaultKind.NodeCrash, "kubernetes-3", 30, 20, 9.2),
        Fault("c", FaultKind.NetworkPartition, "kubernetes-4", 60, 15, 0.8) with { Detail = "from kubernetes-2" },
    ];

    private static KlFault Fault(string id, FaultKind kind, string target, double start, double length, double recovery) => new()
    {
        Id = id, Kind = kind, Target = target, Started = At(start), Ends = At(start + length), Ended = At(start + length),
        Recovery = TimeSpan.FromSeconds(recovery), State = FaultState.Ended, Cluster = "kubernetes",
    };

    private static KlAvailabilityPart Part(string name, double from, double to, long requests, long failed, double p99 = 14) => new()
    {
        Name = name, Started = At(from), Ended = At(to), Requests = requests, Failed = failed,
        Latency = new(3.1, 6.4, p99, p99 * 1.2, p99 * 1.3, p99 * 1.31),
    };

    private static KlTimelinePoint Second(int second)
    {
        var failed = second switch { 12 => 36, 13 => 40, 14 => 8, 30 => 4, > 30 and <= 42 => 10, _ => 0 };
        var noise = 1 + 0.3 * Math.Sin(second * 2.4) + 0.2 * Math.Sin(second * 0.7);
        var (p50, p99) = second switch
        {
            13 => ((double?)null, (double?)null),
            14 => (180 * noise, 900 * noise),
            >= 60 and < 75 => (4.2 * noise, 1180 * (1 + (noise - 1) / 20)),
            _ => (3.1 * noise, 11 * noise),
        };
        return new(At(second), 40, failed, p50, p99, p99 * (1.1 + noise / 10));
    }
}
