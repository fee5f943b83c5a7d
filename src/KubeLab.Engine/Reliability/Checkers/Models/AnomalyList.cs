namespace KubeLab.Engine.Reliability.Checkers.Models;

/// <summary>Collects counterexamples. Only the first ones of a name are described.</summary>
internal sealed class AnomalyList
{
    private const int Most = 10;
    private readonly Dictionary<string, int> _counts = [];
    private readonly List<KlAnomaly> _found = [];

    /// <summary>Adds a counterexample.</summary>
    public void Add(string name, string message, params KlOperation[] operations)
    {
        var count = _counts[name] = Count(name) + 1;
        if (count <= Most)
            _found.Add(new() { Name = name, Message = message, Operations = [.. operations.Distinct().OrderBy(one => one.Start).ThenBy(one => one.Index)] });
    }

    /// <summary>How many of a name were added.</summary>
    public int Count(string name) => _counts.GetValueOrDefault(name);

    /// <summary>The counterexamples.</summary>
    public KlAnomaly[] ToArray() => [.. _found];
}
