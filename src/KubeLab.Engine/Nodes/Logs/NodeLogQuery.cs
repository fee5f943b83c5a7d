namespace KubeLab.Engine.Nodes.Logs;

/// <summary>The logs and lines to read.</summary>
/// <param name="Sources">kernel, systemd units, and patterns for containers: CONTAINER, NAMESPACE/POD or NAMESPACE/POD/CONTAINER.</param>
public sealed record NodeLogQuery(IReadOnlyList<string> Sources)
{
    private static readonly string[] Units = ["kubelet", "containerd"];

    /// <summary>Whether to wait for new lines.</summary>
    public bool Follow { get; init; }

    /// <summary>The maximum age of lines, or null for all lines.</summary>
    public TimeSpan? Since { get; init; }

    /// <summary>The number of lines at the end of each log, or null for all lines.</summary>
    public int? Tail { get; init; }

    /// <summary>The maximum age in full seconds, or null.</summary>
    internal long? Seconds => Since is { } age ? (long)Math.Ceiling(Math.Max(0, age.TotalSeconds)) : null;

    /// <summary>The sources as the node script takes them.</summary>
    /// <exception cref="KlException">InputInvalid.</exception>
    internal string Lines() => string.Join('\n', Sources.Select(Line).Distinct());

    /// <summary>The pattern of a source that is a container, as the node script takes it; otherwise null.</summary>
    internal static string? Pattern(string source) => Line(source) is var line && line.StartsWith("container ", StringComparison.Ordinal)
        ? line["container ".Length..] : null;

    private static string Line(string source)
    {
        var parts = source.Split('/');
        if (source.Any(one => char.IsWhiteSpace(one) || char.IsControl(one)) || parts.Length > 3 || parts.Contains(""))
            throw new KlException(ErrorIds.InputInvalid, KlErrorKind.InvalidInput, source, $"'{source}' is not a valid source of a log.",
                "Specify kernel, kubelet, containerd, a systemd unit such as ssh.service, a container, NAMESPACE/POD or NAMESPACE/POD/CONTAINER.");
        return parts.Length > 1 ? $"container {source}{(parts.Length == 2 ? "/*" : "")}"
            : source == "kernel" ? source
            : Units.Contains(source) || source.EndsWith(".service", StringComparison.Ordinal) ? $"unit {source}"
            : $"container */*/{source}";
    }
}
