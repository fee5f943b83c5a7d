using System.Text.RegularExpressions;

namespace KubeLab.Engine.Reliability.Faults;

/// <summary>Checks the parameters of faults. Pure.</summary>
internal static partial class FaultRules
{
    private static readonly TimeSpan MinDuration = TimeSpan.FromSeconds(1), MaxDuration = TimeSpan.FromHours(1);

    // The parameters of each kind. Those with ? are optional. For belongs to all kinds that last.
    private static readonly Dictionary<FaultKind, string[]> Known = new()
    {
        [FaultKind.PodKill] = [],
        [FaultKind.ContainerKill] = ["Container?"],
        [FaultKind.ContainerPause] = ["Container?"],
        [FaultKind.ServiceStop] = ["Service"],
        [FaultKind.NodeCrash] = [],
        [FaultKind.NodePause] = [],
        [FaultKind.NetworkPartition] = ["From", "Direction?"],
        [FaultKind.NetworkLoss] = ["Percent"],
        [FaultKind.NetworkDelay] = ["Delay", "Jitter?"],
        [FaultKind.NetworkLimit] = ["Rate"],
        [FaultKind.DnsFailure] = [],
        [FaultKind.DiskFull] = ["Path", "Free?", "Container?"],
        [FaultKind.CpuStress] = ["Cores?", "Container?"],
        [FaultKind.MemoryStress] = ["Memory", "Container?"],
        [FaultKind.ClockSkew] = ["By"],
    };

    /// <summary>Whether the kind concerns pods, or machines.</summary>
    public static (bool Pods, bool Machines) Targets(FaultKind kind) => kind switch
    {
        FaultKind.PodKill or FaultKind.ContainerKill or FaultKind.ContainerPause => (true, false),
        FaultKind.ServiceStop or FaultKind.NodeCrash or FaultKind.NodePause or FaultKind.ClockSkew => (false, true),
        _ => (true, true),
    };

    /// <exception cref="KlException">FaultParameterInvalid.</exception>
    public static void Check(FaultRequest request)
    {
        var given = Given(request).Where(one => one.Value is not null).Select(one => one.Name).ToList();
        var known = Known[request.Kind];
        if (known.FirstOrDefault(name => !name.EndsWith('?') && !given.Contains(name)) is { } missing)
            throw Invalid(request, $"{request.Kind} requires -{missing}.", $"Specify -{missing}.");
        if (given.FirstOrDefault(name => !known.Contains(name) && !known.Contains(name + "?") && !(name == "For" && request.Lasts)) is { } foreign)
            throw Invalid(request, foreign == "For"
                ? $"{request.Kind} does not last, so -For does not apply." : $"-{foreign} does not apply to {request.Kind}.", $"Omit -{foreign}.");
        foreach (var (isValid, name, text) in Ranges(request))
            if (!isValid)
                throw Invalid(request, $"-{name} must be {text}.", $"Specify another value for -{name}.");
    }

    /// <summary>Checks that a fault can be started for a target.</summary>
    /// <exception cref="KlException">FaultTargetInvalid, FaultNeedsMachine, FaultUnsupported, FaultTargetGone, FaultParameterInvalid.</exception>
    /// <param name="request">The fault.</param>
    /// <param name="target">The target.</param>
    /// <param name="hasPower">Whether the provider cuts the power of the target's machine.</param>
    public static void Check(FaultRequest request, FaultTarget target, bool hasPower)
    {
        var (pods, machines) = Targets(request.Kind);
        var (kind, name) = (request.Kind, target.Name);
        if (target.Pod is null && !machines)
            throw new KlException(ErrorIds.FaultTargetInvalid, KlErrorKind.InvalidInput, name, $"{kind} does not apply to a machine.", "Pipe pods.");
        if (target.Pod is not null && !pods)
            throw new KlException(ErrorIds.FaultTargetInvalid, KlErrorKind.InvalidInput, name, $"{kind} does not apply to a pod.", "Pipe nodes or machines.");
        if (kind == FaultKind.PodKill)
            return;
        if (target.Machine is not { } machine)
            throw new KlException(ErrorIds.FaultNeedsMachine, KlErrorKind.InvalidInput, name,
                $"{kind} changes the machine of {name}, and no provider has a machine with its name and address ({target.Node ?? "not scheduled"}, "
                + $"{string.Join(", ", target.Addresses)}).", "Only PodKill works without access to the machine.");
        if (machine.State is "Stopped" or "Dead" or "Paused" or "Incomplete")
            throw new KlException(ErrorIds.FaultTargetGone, KlErrorKind.NotFound, name, $"The machine {machine.Name} is {machine.State}.", "Start it first.");
        if (kind == FaultKind.ClockSkew && machine.IsContainer)
            throw new KlException(ErrorIds.FaultUnsupported, KlErrorKind.InvalidInput, name,
                $"{name} is a container. Its clock is that of the computer, and would change for everything that runs on it.", "Use virtual machines.");
        if (kind == FaultKind.NodeCrash && machine.IsContainer && !hasPower)
            throw new KlException(ErrorIds.FaultUnsupported, KlErrorKind.InvalidInput, name,
                $"{name} is a container. A crash of its kernel would be that of the computer that runs it.",
                "Use virtual machines, or containers that KubeLab created with Docker.");
        if (kind is FaultKind.NetworkPartition or FaultKind.NetworkLoss or FaultKind.NetworkDelay or FaultKind.NetworkLimit or FaultKind.DnsFailure)
            CheckAddresses(request, target);
        if (target.Pod is { } pod && kind is not (FaultKind.NetworkPartition or FaultKind.NetworkLoss or FaultKind.DnsFailure))
            FaultContainer.IdOf(pod, request.Container);
    }

    private static void CheckAddresses(FaultRequest request, FaultTarget target)
    {
        if (target.Pod?.Spec.HostNetwork == true)
            throw new KlException(ErrorIds.FaultTargetInvalid, KlErrorKind.InvalidInput, target.Name, $"{target.Name} uses the network of its node.",
                $"Pipe the node {target.Node}.");
        foreach (var one in request.From?.Append(target) ?? [target])
            if (one.Addresses.Count == 0)
                throw new KlException(ErrorIds.FaultTargetGone, KlErrorKind.NotFound, one.Name, $"{one.Name} has no address yet.", "Wait until it runs.");
        if (request.From?.FirstOrDefault(one => one.Addresses.Intersect(target.Addresses).Any()) is { } same)
            throw new KlException(ErrorIds.FaultParameterInvalid, KlErrorKind.InvalidInput, target.Name, $"{same.Name} is in both groups.",
                "Specify two groups without a common member.");
    }

    private static (string Name, object? Value)[] Given(FaultRequest request) =>
    [
        (nameof(request.For), request.For), (nameof(request.From), request.From), (nameof(request.Direction), request.Direction),
        (nameof(request.Percent), request.Percent), (nameof(request.Delay), request.Delay), (nameof(request.Jitter), request.Jitter),
        (nameof(request.Rate), request.Rate), (nameof(request.Service), request.Service), (nameof(request.Path), request.Path),
        (nameof(request.Free), request.Free), (nameof(request.Cores), request.Cores), (nameof(request.Memory), request.Memory),
        (nameof(request.By), request.By), (nameof(request.Container), request.Container),
    ];

    private static IEnumerable<(bool IsValid, string Name, string Text)> Ranges(FaultRequest request) =>
    [
        (!request.Lasts || (request.Duration >= MinDuration && request.Duration <= MaxDuration), nameof(request.For), "from 1 s to 1 h"),
        (request.From is not { Count: 0 }, nameof(request.From), "at least one node or pod"),
        (request.Percent is null or (> 0 and <= 100), nameof(request.Percent), "more than 0 and at most 100"),
        (request.Delay is null || IsDelay(request.Delay), nameof(request.Delay), "more than 0 and at most 1 min"),
        (request.Jitter is null || IsDelay(request.Jitter), nameof(request.Jitter), "more than 0 and at most 1 min"),
        (request.Rate is null || RateForm().IsMatch(request.Rate), nameof(request.Rate), "a number with bit, kbit, mbit or gbit, such as 1mbit"),
        (request.Service is null || NameForm().IsMatch(request.Service), nameof(request.Service), "the name of a systemd unit or of a Kubernetes component"),
        (request.Path is null || PathForm().IsMatch(request.Path), nameof(request.Path), "an absolute path without . and .."),
        (request.Free is null or >= 0, nameof(request.Free), "at least 0"),
        (request.Cores is null or (>= 1 and <= 1024), nameof(request.Cores), "from 1 to 1024"),
        (request.Memory is null or > 0, nameof(request.Memory), "more than 0"),
        (request.By is not { } by || (by != TimeSpan.Zero && by.Duration() <= TimeSpan.FromDays(3650)), nameof(request.By), "not 0 and at most 10 years"),
    ];

    private static bool IsDelay(TimeSpan? time) => time > TimeSpan.Zero && time <= TimeSpan.FromMinutes(1);

    private static KlException Invalid(FaultRequest request, string message, string nextStep) =>
        new(ErrorIds.FaultParameterInvalid, KlErrorKind.InvalidInput, request.Kind.ToString(), message, nextStep);

    [GeneratedRegex("^[0-9]{1,9}(\\.[0-9]{1,3})?[kmg]?bit$", RegexOptions.IgnoreCase)]
    private static partial Regex RateForm();

    [GeneratedRegex("^[A-Za-z0-9][A-Za-z0-9@._-]{0,99}$")]
    private static partial Regex NameForm();

    [GeneratedRegex(@"^(?!.*/\.{1,2}(/|$))/[^\0\n]*$")]
    private static partial Regex PathForm();
}
