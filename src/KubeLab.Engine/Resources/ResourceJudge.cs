using System.Text.Json.Nodes;
using KubeLab.Engine.Flow;
using KubeLab.Engine.Kube;

namespace KubeLab.Engine.Resources;

/// <summary>Judges whether an object has reached a goal or no longer can.</summary>
internal static class ResourceJudge
{
    public static Verdict Judge(KubeObject? seen, ResourceGoal goal)
    {
        if (goal.Deleted)
            return seen is null ? Verdict.Ready : Verdict.Pending("it still exists.");
        if (seen is null)
            return Verdict.Failed("it was deleted.");
        return goal.Condition is { } condition ? Condition(seen, condition) : Path(seen, goal.JsonPath!);
    }

    private static Verdict Condition(KubeObject seen, string expected)
    {
        var (type, status) = expected.Split('=', 2) is [var left, var right] ? (left, right) : (expected, "True");
        var conditions = (seen.Json["status"]?["conditions"] as JsonArray ?? []).OfType<JsonObject>().ToList();
        var now = conditions.Find(one => AreEqual(one["type"], type));
        if (IsCurrent(seen) && AreEqual(now?["status"], status))
            return Verdict.Ready;
        if (Terminal(seen, conditions, type) is { } ended)
            return Verdict.Failed(ended);
        return Verdict.Pending(now is null ? $"it has no condition {type}." : $"{now["type"]} is {now["status"]}{Reason(now)}");
    }

    private static Verdict Path(KubeObject seen, string expected)
    {
        // An = inside a filter's brackets does not separate path and value.
        var at = expected.IndexOf('=', Math.Max(expected.LastIndexOf(']'), expected.LastIndexOf('}')) + 1);
        var (path, value) = at < 0 ? (expected, null) : (expected[..at], expected[(at + 1)..].Trim('"', '\''));
        var found = KubePath.Find(seen.Json, path);
        if (found.Count > 0 && found.All(one => value is null || one.ToString() == value))
            return Verdict.Ready;
        var conditions = (seen.Json["status"]?["conditions"] as JsonArray ?? []).OfType<JsonObject>().ToList();
        return path.Contains("phase", StringComparison.Ordinal) && Terminal(seen, conditions, value ?? "") is { } ended ? Verdict.Failed(ended)
            : Verdict.Pending(found.Count == 0 ? $"{path} has no value." : $"{path} is {string.Join(", ", found.Select(one => one.ToString()))}.");
    }

    // If the API server counts generations, the status of an earlier generation does not apply.
    private static bool IsCurrent(KubeObject seen) =>
        seen.Json["status"]?["observedGeneration"] is not JsonValue observed || seen.Json["metadata"]?["generation"] is not JsonValue generation
        || !observed.TryGetValue<long>(out var was) || !generation.TryGetValue<long>(out var now) || was >= now;

    /// <summary>Why the object can no longer reach the goal, or null.</summary>
    private static string? Terminal(KubeObject seen, List<JsonObject> conditions, string goal)
    {
        if (seen.Kind == "Pod" && seen.Json["status"]?["phase"]?.ToString() is "Failed" or "Succeeded")
        {
            var phase = seen.Json["status"]!["phase"]!.ToString();
            return phase == goal ? null : $"the pod has terminated: {phase}{Reason(seen.Json["status"]!.AsObject())}";
        }
        var ended = conditions.Find(one => AreEqual(one["status"], "True") && !AreEqual(one["type"], goal)
            && (seen.Kind, one["type"]?.ToString()) is ("Job", "Failed" or "Complete") or (_, "Stalled"))
            ?? conditions.Find(one => one["reason"]?.ToString() == "ProgressDeadlineExceeded");
        return ended is null ? null : $"{ended["type"]} is {ended["status"]}{Reason(ended)}";
    }

    private static string Reason(JsonObject condition) =>
        string.Join(": ", new[] { condition["reason"], condition["message"] }.Select(one => one?.ToString())
            .Where(text => !string.IsNullOrEmpty(text))) is { Length: > 0 } reason ? $" ({reason})." : ".";

    private static bool AreEqual(JsonNode? one, string other) => string.Equals(one?.ToString(), other, StringComparison.OrdinalIgnoreCase);
}
