using System.Globalization;
using System.Text;

namespace KubeLab.Engine.Reliability.Faults;

/// <summary>The parameters of a fault as the machine's script reads them.</summary>
/// <param name="Values">Variables and values.</param>
internal sealed record FaultSettings(IReadOnlyDictionary<string, string> Values)
{
    /// <summary>The settings of a request for a target.</summary>
    /// <exception cref="KlException">FaultTargetInvalid, FaultTargetGone, ContainerNotFound, ContainerNotNamed.</exception>
    public static FaultSettings Of(FaultRequest request, FaultTarget target)
    {
        static string Number(IFormattable? value, string? form = null) => value?.ToString(form, CultureInfo.InvariantCulture) ?? "0";
        return new(new Dictionary<string, string>
        {
            ["CONTAINER"] = target.Pod is { } pod && request.Kind != FaultKind.NetworkPartition ? FaultContainer.IdOf(pod, request.Container) : "",
            ["TARGETS"] = target.Pod is null ? "" : string.Join(' ', target.Addresses),
            ["PEERS"] = string.Join(' ', request.From?.SelectMany(one => one.Addresses) ?? []),
            ["DIRECTION"] = (request.Direction ?? FaultDirection.Both).ToString(),
            ["PROBABILITY"] = Number(request.Percent / 100, "0.######"),
            ["TC_DISCIPLINE"] = request switch
            {
                { Delay: { } delay } => $"netem delay {Number(delay.TotalMilliseconds, "0.###")}ms" +
                    (request.Jitter is { } jitter ? $" {Number(jitter.TotalMilliseconds, "0.###")}ms" : ""),
                // tbf(8): a packet waits at most 400 ms. The burst is enough for a rate of 1 Gbit/s on a kernel with 250 Hz.
                { Rate: { } rate } => $"tbf rate {rate.ToLowerInvariant()} burst 512kb latency 400ms",
                _ => "",
            },
            ["SERVICE"] = request.Service switch { null => "", "registry" => "kubelab-registry", var name => name },
            ["FAULT_FOLDER"] = request.Path is { Length: > 1 } path ? path.TrimEnd('/') : request.Path ?? "",
            ["FREE_BYTES"] = Number(request.Free),
            ["CORES"] = Number(request.Cores ?? 1),
            ["BYTES"] = Number(request.Memory),
            ["BY"] = Number(request.By?.TotalSeconds, "0.######"),
        });
    }

    /// <summary>The assignments for bash.</summary>
    public string Text(string id, FaultKind kind, string duration, Machine machine)
    {
        var text = new StringBuilder();
        foreach (var (name, value) in Values.Append(new("ID", id)).Append(new("KIND", kind.ToString())).Append(new("DURATION", duration))
            .Append(new("MACHINE_ADDRESS", machine.Address)).Append(new("SHARED_KERNEL", machine.IsContainer ? "true" : "false")))
            text.Append(name).Append("='").Append(value.Replace("'", "'\\''", StringComparison.Ordinal)).Append("'\n");
        return text.ToString();
    }
}
