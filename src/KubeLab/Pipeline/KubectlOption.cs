using System.Management.Automation;

namespace KubeLab.Pipeline;

/// <summary>Detects options in kubectl's syntax. PowerShell binds --namespace=web as a string to the next positional parameter.</summary>
internal static class KubectlOption
{
    private static readonly Dictionary<string, string> ParameterNames = new(StringComparer.OrdinalIgnoreCase)
    {
        ["selector"] = "Label", ["fieldselector"] = "Field", ["filename"] = "Path", ["context"] = "Cluster", ["dryrun"] = "WhatIf", ["env"] = "Environment",
    };

    /// <summary>Returns an error if an argument is a kubectl option, otherwise null.</summary>
    public static KlException? Detect(InvocationInfo call)
    {
        // Remote commands have options of their own.
        var option = call.BoundParameters.Where(bound => bound.Key is not ("Command" or "ArgumentList")).SelectMany(bound => Texts(bound.Value))
            .FirstOrDefault(text => text is ['-', '-', >= 'a' and <= 'z', ..]);
        if (option is null)
            return null;
        var name = option[2..].Split('=')[0].Replace("-", "", StringComparison.Ordinal);
        name = ParameterNames.GetValueOrDefault(name, name);
        var parameter = call.MyCommand.Parameters.Keys.FirstOrDefault(key => string.Equals(key, name, StringComparison.OrdinalIgnoreCase));
        return new(ErrorIds.KubectlOption, KlErrorKind.InvalidInput, option, $"'{option}' is kubectl syntax.",
            parameter is null ? $"{call.MyCommand.Name} has no equivalent parameter." : $"Use -{parameter}.");
    }

    private static IEnumerable<string> Texts(object? value) => value switch
    {
        PSObject wrapped => Texts(wrapped.BaseObject),
        string text => [text],
        IEnumerable<string> texts => texts,
        _ => [],
    };
}
