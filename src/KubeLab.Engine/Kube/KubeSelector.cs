using System.Text.RegularExpressions;
using k8s.Models;

namespace KubeLab.Engine.Kube;

/// <summary>Which objects of a kind.</summary>
/// <param name="Labels">A label selector as kubectl's -l takes it, or null.</param>
/// <param name="Fields">A field selector as kubectl's --field-selector takes it, or null.</param>
public sealed partial record KubeSelector(string? Labels = null, string? Fields = null)
{
    /// <summary>The one object of a name.</summary>
    public static KubeSelector Named(string name) => new(Fields: Field("metadata.name", name));

    /// <summary>A field selector for one value, whatever is in it.</summary>
    public static string Field(string field, string value) => $"{field}={Special().Replace(value, @"\$0")}";

    /// <summary>The objects that a workload's selector picks.</summary>
    public static KubeSelector Of(V1LabelSelector selector) => new(string.Join(',',
        (selector.MatchLabels ?? new Dictionary<string, string>()).Select(l => $"{l.Key}={l.Value}").Concat((selector.MatchExpressions ?? []).Select(e => e.OperatorProperty switch
        {
            "In" => $"{e.Key} in ({string.Join(',', e.Values)})",
            "NotIn" => $"{e.Key} notin ({string.Join(',', e.Values)})",
            "Exists" => e.Key,
            _ => "!" + e.Key,
        }))));

    // As EscapeValue does in k8s.io/apimachinery/pkg/fields.
    [GeneratedRegex(@"[\\,=]")]
    private static partial Regex Special();

    /// <summary>As a query's continuation.</summary>
    internal string Query =>
        (string.IsNullOrEmpty(Labels) ? "" : "&labelSelector=" + Uri.EscapeDataString(Labels))
        + (string.IsNullOrEmpty(Fields) ? "" : "&fieldSelector=" + Uri.EscapeDataString(Fields));
}
