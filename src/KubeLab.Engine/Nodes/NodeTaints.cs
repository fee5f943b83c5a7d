using System.Text.RegularExpressions;
using k8s.Models;

namespace KubeLab.Engine.Nodes;

/// <summary>Taints in text form (kubectl pkg/cmd/taint/utils.go, parseTaints).</summary>
internal static partial class NodeTaints
{
    /// <summary>Applies changes to the taints of a node.</summary>
    /// <exception cref="KlException">TaintInvalid.</exception>
    public static List<V1Taint> Change(IEnumerable<V1Taint> existing, IReadOnlyList<string> changes)
    {
        var taints = existing.ToList();
        foreach (var change in changes)
        {
            var parts = Form().Match(change);
            string? Part(string name) => parts.Groups[name] is { Success: true } part ? part.Value : null;
            var (key, effect, off) = (Part("key"), Part("effect"), Part("off") is not null);
            if (!parts.Success || !off && effect is null)
                throw new KlException(ErrorIds.TaintInvalid, KlErrorKind.InvalidInput, change, $"'{change}' is not a valid taint.",
                    "Use KEY=VALUE:EFFECT or KEY:EFFECT to add a taint, KEY:EFFECT- or KEY- to remove it."
                    + " EFFECT is NoSchedule, PreferNoSchedule or NoExecute.");
            var same = taints.Find(t => t.Key == key && t.Effect == effect);
            if (!off && same is not null && (same.Value ?? "") == (Part("value") ?? ""))
                continue;
            taints.RemoveAll(t => t.Key == key && (effect is null || t.Effect == effect));
            if (!off)
                taints.Add(new() { Key = key, Value = Part("value"), Effect = effect });
        }
        return taints;
    }

    /// <summary>The format of kubectl describe node.</summary>
    public static string Text(V1Taint taint) => $"{taint.Key}{(string.IsNullOrEmpty(taint.Value) ? "" : "=" + taint.Value)}:{taint.Effect}";

    [GeneratedRegex("^(?<key>[^=:]+?)(=(?<value>[^=:]*?))?(:(?<effect>NoSchedule|PreferNoSchedule|NoExecute))?(?<off>-)?$", RegexOptions.ExplicitCapture)]
    private static partial Regex Form();
}
