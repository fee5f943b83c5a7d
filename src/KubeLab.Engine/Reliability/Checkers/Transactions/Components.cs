namespace KubeLab.Engine.Reliability.Checkers.Transactions;

/// <summary>Finds strongly connected components.</summary>
/// <remarks>R. Tarjan, "Depth-First Search and Linear Graph Algorithms", SIAM Journal on Computing 1 (1972). A closed walk without adjacent
/// anti-dependencies exists exactly if the graph of states has a component: if such a walk visits a node twice, one of its two parts is such a walk
/// too, so that the shortest one is a cycle.</remarks>
internal sealed class Components(Graph graph, CancellationToken stop)
{
    private readonly int[] _number = new int[2 * graph.Nodes];
    private readonly int[] _low = new int[2 * graph.Nodes];
    private readonly int[] _edge = new int[2 * graph.Nodes];
    private readonly List<int> _path = [];
    private readonly List<int> _open = [];
    private int _last;

    /// <summary>Returns the components with more than one state.</summary>
    /// <param name="nodes">The nodes to look at.</param>
    /// <param name="scope">The number of <paramref name="nodes"/> in <paramref name="scopes"/>.</param>
    /// <param name="scopes">A number of each node. Edges to nodes with other numbers do not exist.</param>
    /// <param name="walk">The edges to take.</param>
    public List<int[]> Find(IEnumerable<int> nodes, int scope, int[] scopes, Walk walk)
    {
        List<int[]> found = [];
        var before = _last;
        foreach (var node in nodes)
        {
            if (_number[2 * node] <= before)
                Visit(2 * node, before, scope, scopes, walk, found);
        }
        return found;
    }

    // Numbers up to the given one are from earlier calls. A state that belongs to a complete component has the largest low number.
    private void Visit(int root, int before, int scope, int[] scopes, Walk walk, List<int[]> found)
    {
        Open(root);
        while (_path.Count > 0)
        {
            var state = _path[^1];
            if (_edge[state] < graph.First[state / 2 + 1])
            {
                var edge = _edge[state]++;
                var target = graph.Targets[edge];
                if (scopes[target] != scope || walk.Next(state, target, graph.Relations[edge]) is not (>= 0 and var next))
                    continue;
                if (_number[next] <= before)
                    Open(next);
                else if (_low[next] != int.MaxValue)
                    _low[state] = Math.Min(_low[state], _number[next]);
                continue;
            }
            _path.RemoveAt(_path.Count - 1);
            if (_path.Count > 0)
                _low[_path[^1]] = Math.Min(_low[_path[^1]], _low[state]);
            if (_low[state] == _number[state])
                Close(state, found);
        }
    }

    private void Open(int state)
    {
        if ((_last & 0xffff) == 0)
            stop.ThrowIfCancellationRequested();
        _number[state] = _low[state] = ++_last;
        _edge[state] = graph.First[state / 2];
        _path.Add(state);
        _open.Add(state);
    }

    private void Close(int state, List<int[]> found)
    {
        var start = _open.LastIndexOf(state);
        if (_open.Count - start > 1)
            found.Add([.. _open[start..]]);
        for (var at = start; at < _open.Count; at++)
            _low[_open[at]] = int.MaxValue;
        _open.RemoveRange(start, _open.Count - start);
    }
}
