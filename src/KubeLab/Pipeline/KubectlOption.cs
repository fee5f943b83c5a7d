using System.Management.Automation;

namespace KubeLab.Pipeline;

/// <summary>Options as kubectl writes them. PowerShell takes --namespace=web for a text and binds it to the next free parameter, as a name for example.</summary>
internal static class KubectlOption
{
    private static readonly Dictionary<string, string> Others = new(StringComparer.OrdinalIgnoreCase)
    {
        ["selector"] = "Label", ["fieldselector"] = "Field", ["filename"] = "Path", ["context"] = "Cluster", ["dryrun"] = "WhatIf", ["env"] = "Environment",
    };

    /// <summary>Why the arguments of a cmdlet are refused, or null.</summary>
    public static KlException? Refusal(InvocationInfo call)
    {
        // What runs elsewhere has options of its own.
        var option = call.BoundParameters.Where(bound => bound.Key is not ("Command" or "ArgumentList")).SelectMany(bound => Texts(bound.Value))
            .FirstOrDefault(text => text is ['-', '-', >= 'a' and <= 'z', ..]);
        if (option is null)
            return null;
        var name = option[2..].Split('=')[0].Replace("-", "", StringComparison.Ordinal);
        name = Others.GetValueOrDefault(name, name);
        var parameter = call.MyCommand.Parameters.Keys.FirstOrDefault(key => string.Equals(key, name, StringComparison.OrdinalIgnoreCase));
        return new(ErrorIds.KubectlOption, KlErrorKind.InvalidInput, option, $"'{option}' is an option as kubectl writes it.",
            parameter is null ? $"{call.MyCommand.Name} has no such parameter." : $"Write -{parameter}.");
    }

    private static IEnumerable<string> Texts(object? value) => value switch
    {
        PSObject wrapped => Texts(wrapped.BaseObject),
        string text => [text],
        IEnumerable<string> texts => texts,
        _ => [],
    };
}
