using System.Collections;
using System.Globalization;
using System.Management.Automation;
using System.Runtime.InteropServices;
using KubeLab.Engine;
using KubeLab.Engine.Reliability.Load;

namespace KubeLab.Cmdlets.Reliability;

/// <summary>Converts the parameters of Measure-KlAvailability.</summary>
internal static class LoadInput
{
    /// <summary>Numbers are statuses, and strings are texts.</summary>
    /// <exception cref="KlException">ExpectationInvalid.</exception>
    public static Expectation ExpectationOf(IEnumerable given)
    {
        var (statuses, texts) = (new List<int>(), new List<string>());
        foreach (var one in given)
            switch (one is PSObject wrapped ? wrapped.BaseObject : one)
            {
                case int status and >= 100 and < 600:
                    statuses.Add(status);
                    break;
                case string { Length: > 0 } text:
                    texts.Add(text);
                    break;
                case IEnumerable many and not string:
                    var inner = ExpectationOf(many);
                    statuses.AddRange(inner.Statuses);
                    texts.AddRange(inner.Texts);
                    break;
                default:
                    throw new KlException(ErrorIds.ExpectationInvalid, KlErrorKind.InvalidInput, $"{one}",
                        $"'{one}' is not a status from 100 to 599 or a text.", "Specify statuses as numbers and texts as strings, such as 200, 'Main Page'.");
            }
        return new(statuses, texts);
    }

    /// <exception cref="KlException">LoadInvalid.</exception>
    public static Dictionary<FaultKind, double>? FailuresOf(IDictionary? given)
    {
        if (given is null)
            return null;
        var failures = new Dictionary<FaultKind, double>();
        foreach (DictionaryEntry entry in given)
            failures[LanguagePrimitives.TryConvertTo<FaultKind>(entry.Key, out var kind) && Enum.IsDefined(kind) ? kind : throw Invalid(entry)]
                = LanguagePrimitives.TryConvertTo<double>(entry.Value, out var count) ? count : throw Invalid(entry);
        return failures;
    }

    /// <summary>What ran, for the result. Facts that the cluster does not give are left out.</summary>
    public static async Task<IReadOnlyDictionary<string, string>> EnvironmentAsync(
        MeasureKlAvailability cmdlet, LoadOptions options, Expectation expectation, string? cluster, CancellationToken stop)
    {
        var facts = new Dictionary<string, string>
        {
            ["KubeLab"] = typeof(LabEngine).Assembly.GetName().Version!.ToString(3),
            ["Computer"] = string.Create(CultureInfo.InvariantCulture, $"{RuntimeInformation.OSDescription}, {Environment.ProcessorCount} processors"),
            ["Connections"] = cmdlet.NewConnection ? "new" : "kept",
            ["Timeout"] = string.Create(CultureInfo.InvariantCulture, $"{options.Timeout.TotalSeconds} s"),
        };
        if (cmdlet.MyInvocation.Line?.Trim() is { Length: > 0 } line)
            facts["Command"] = line;
        if (cmdlet.Expect.Length > 0)
            facts["Expect"] = string.Join(", ", expectation.Statuses.Cast<object>().Concat(expectation.Texts));
        if (cmdlet.Probe is { } probe)
            facts["Probe"] = probe.ToString().Trim();
        if (cmdlet.During is { } during)
            facts["During"] = during.ToString().Trim();
        try
        {
            if (cluster is not null && await LabEngine.Shared.Nodes.ListAsync(cluster, new(), stop).ToListAsync(stop) is { Count: > 0 } nodes)
            {
                facts["Kubernetes"] = string.Join(", ", nodes.Select(node => node.Version).Distinct());
                facts["Nodes"] = nodes.Count.ToString(CultureInfo.InvariantCulture);
            }
        }
        catch (KlException)
        {
            // The service can be measured all the same.
        }
        return facts;
    }

    private static KlException Invalid(DictionaryEntry entry) => new(ErrorIds.LoadInvalid, KlErrorKind.InvalidInput, nameof(LoadOptions.FailuresPerYear),
        $"'{entry.Key} = {entry.Value}' is not a kind of fault and a number.", "Specify kinds and failures a year, such as @{ NodeCrash = 12 }.");
}
