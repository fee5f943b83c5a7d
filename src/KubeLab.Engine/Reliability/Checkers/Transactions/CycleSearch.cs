namespace KubeLab.Engine.Reliability.Checkers.Transactions;

/// <summary>An edge of a cycle.</summary>
internal readonly record struct Hop(int From, int To, Relation Relation);

/// <summary>Finds short cycles by breadth-first search.</summary>
internal sealed class CycleSearch(Graph graph, long steps, CancellationToken stop)
{
    private readonly int[] _scope = new int[2 * graph.Nodes];
    private readonly int[] _visited = new int[2 * graph.Nodes];
    private readonly int[] _parent = new int[2 * graph.Nodes];
    private readonly Relation[] _relation = new Relation[2 * graph.Nodes];
    private List<int> _level = [];
    private List<int> _next = [];
    private int _searches;
    private int _scopes;

    /// <summary>The edges that may still be visited.</summary>
    public long Steps { get; private set; } = steps;

    /// <summary>Limits the searches that follow to these states.</summary>
    public void Enter(int[] states)
    {
        _scopes++;
        foreach (var state in states)
            _scope[state] = _scopes;
    }

    /// <summary>Returns the shortest cycle through a state, or null if there is none with fewer than <paramref name="limit"/> edges.</summary>
    /// <param name="start">The state, of a transaction.</param>
    /// <param name="first">The first edge.</param>
    /// <param name="rest">The edges after it.</param>
    /// <param name="limit">The number of edges that is too many.</param>
    public Hop[]? Find(int start, Walk first, Walk rest, int limit)
    {
        stop.ThrowIfCancellationRequested();
        _searches++;
        _level.Clear();
        _level.Add(start);
        for (var length = 1; length < limit && _level.Count > 0; length++)
        {
            _next.Clear();
            foreach (var state in _level)
            {
                if (Expand(state, start, length == 1 ? first : rest))
                    return Path(start);
            }
            (_level, _next) = (_next, _level);
        }
        return null;
    }

    // Adds the states one edge further. Auxiliary nodes add where they lead to at once, because they have no length.
    private bool Expand(int state, int start, Walk walk)
    {
        if (state / 2 >= graph.Transactions)
            return false;
        var passed = _next.Count;
        if (Follow(state, start, walk, false))
            return true;
        for (; passed < _next.Count; passed++)
        {
            if (_next[passed] / 2 >= graph.Transactions && Follow(_next[passed], start, walk, true))
                return true;
        }
        return false;
    }

    private bool Follow(int state, int start, Walk walk, bool pass)
    {
        for (var edge = graph.First[state / 2]; edge < graph.First[state / 2 + 1]; edge++)
        {
            Steps--;
            var relation = graph.Relations[edge];
            if ((relation == Relation.Pass) != pass || walk.Next(state, graph.Targets[edge], relation) is not (>= 0 and var next)
                || _scope[next] != _scopes || _visited[next] == _searches)
                continue;
            (_visited[next], _parent[next], _relation[next]) = (_searches, state, relation);
            if (next == start)
                return true;
            _next.Add(next);
        }
        return false;
    }

    private Hop[] Path(int start)
    {
        List<Hop> hops = [];
        var state = start;
        do
        {
            var (to, relation) = (state / 2, _relation[state]);
            for (state = _parent[state]; state / 2 >= graph.Transactions; state = _parent[state])
                relation = _relation[state];
            hops.Add(new(state / 2, to, relation));
        }
        while (state != start);
        hops.Reverse();
        return [.. hops];
    }
}
