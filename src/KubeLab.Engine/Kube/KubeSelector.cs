using System.Text.RegularExpressions;
using k8s.Models;

namespace KubeLab.Engine.Kube;

/// <summary>Selects objects of a kind.</summary>
/// <param name="Labels">A label selector as in kubectl's -l, or null.</param>
/// <param name="Fields">A field selector as in kubectl's --field-selector, or null.</param>
public sealed partial record KubeSelector(string? Labels = null, string? Fields = null)
{
    /// <summary>Selects the object with a name.</summary>
    public static KubeSelector Named(string name) => new(Fields: Field("metadata.name", name));

    /// <summary>A field selector for one value, which is escaped.</summary>
    public static string Field(string field, string value) => $"{field}={Special().Replace(value, @"\$0")}";

    /// <summary>Converts a workload's selector.</summary>
    public static KubeSelector Of(V1LabelSelector selector) => new(string.Join(',',
        (selector.MatchLabels ?? new Dictionary<string, string>()).Select(l => $"{l.Key}={l.Value}")
        .Concat((selector.MatchExpressions ?? []).Select(e => e.OperatorProperty switch
        {
            "In" => $"{e.Key} in ({string.Join(',', e.Values)})",
            "NotIn" => $"{e.Key} notin ({string.Join(',', e.Values)})",
            "Exists" => e.Key,
            _ => "!" + e.Key,
        }))));

    // Like EscapeValue in k8s.io/apimachinery/pkg/fields.
    [GeneratedRegex(@"[\\,=]")]
    private static partial Regex Special();

    /// <summary>The selector as query parameters.</summary>
    internal string Query =>
        (string.IsNullOrEmpty(Labels) ? "" : "&labelSelector=" + Uri.EscapeDataString(Labels))
        + (string.IsNullOrEmpty(Fields) ? "" : "&fieldSelector=" + Uri.EscapeDataString(Fields));
}
