namespace KubeLab.Engine.Reliability.Checkers.Transactions;

/// <summary>Finds the cycles of each kind in the graph of dependencies.</summary>
/// <remarks>
/// For each component of the graph, the kinds are searched from the worst to the mildest, as Adya names them, first by data only, then with the order
/// of processes, then with that of time. A kind is skipped if a worse one was found in the component. Whether there are cycles without adjacent
/// anti-dependencies (G-single, G-nonadjacent), with any (G2-item), or with none (G0, G1c) is decided by components, exactly and in linear time.
/// Only the search that tells G-single from G-nonadjacent may reach the limit.
/// </remarks>
internal sealed class CycleAnomalies
{
    private const Relation Dependency = Relation.Ww | Relation.WwUnknown | Relation.Wr;

    // How much a search does after it found a cycle, to find a shorter one.
    private const long StepsForShorter = 1_000_000;

    private static readonly (Order Order, Relation Relations)[] Orders =
        [(Order.None, Relation.None), (Order.Process, Relation.Process), (Order.Realtime, Relation.Realtime)];

    private readonly Graph _graph;
    private readonly int _most;
    private readonly Components _components;
    private readonly CycleSearch _search;
    private readonly int[] _scopes;
    private readonly Dictionary<(int Kind, Order Order), int> _found = [];
    private readonly HashSet<(int Kind, Order Order)> _here = [];

    public CycleAnomalies(Graph graph, int most, long steps, CancellationToken stop)
    {
        (_graph, _most, _scopes) = (graph, most, new int[graph.Nodes]);
        (_components, _search) = (new(graph, stop), new(graph, steps, stop));
        var all = _components.Find(Enumerable.Range(0, graph.Transactions), 0, _scopes, new((Relation)byte.MaxValue));
        for (var component = 0; component < all.Count; component++)
        {
            foreach (var state in all[component])
                _scopes[state / 2] = component + 1;
        }
        for (var component = 0; component < all.Count; component++)
        {
            _here.Clear();
            int[] nodes = [.. all[component].Select(state => state / 2).Where(node => node < graph.Transactions).Order()];
            foreach (var (order, relations) in Orders)
                Search(nodes, component + 1, order, relations);
        }
    }

    /// <summary>The kinds of cycles, from the worst to the mildest.</summary>
    public static IReadOnlyList<string> Kinds { get; } = ["G0", "G1c", "G-single", "G-nonadjacent", "G2-item"];

    /// <summary>The cycles.</summary>
    public List<(string Kind, Order Order, Hop[] Hops)> Found { get; } = [];

    /// <summary>The orders for which it is not known whether a cycle is a G-single.</summary>
    public HashSet<Order> Undecided { get; } = [];

    private void Search(int[] nodes, int scope, Order order, Relation relations)
    {
        Walk dependencies = new(Dependency | relations);
        SearchAny(nodes, scope, 0, order, new(Relation.Ww | relations));
        SearchAny(nodes, scope, 1, order, dependencies);
        if (!IsImplied(2, order))
            SearchNonAdjacent(nodes, scope, order, dependencies);
        SearchAny(nodes, scope, 4, order, new(Dependency | Relation.Rw | relations));
    }

    // Whether this kind, or a worse one, was found in this component, or often enough elsewhere.
    private bool IsImplied(int kind, Order order) => _here.Any(worse => worse.Kind <= kind && worse.Order <= order)
        || IsFull(kind, order);

    private bool IsFull(int kind, Order order) => _found.GetValueOrDefault((kind, order)) >= _most;

    private void SearchAny(int[] nodes, int scope, int kind, Order order, Walk walk)
    {
        if (IsImplied(kind, order))
            return;
        foreach (var states in _components.Find(nodes, scope, _scopes, walk).OrderBy(states => states.Length))
        {
            if (!IsFull(kind, order))
                Add(Shortest(states, walk));
        }
    }

    private void SearchNonAdjacent(int[] nodes, int scope, Order order, Walk dependencies)
    {
        Walk walk = new(dependencies.Allowed | Relation.Rw, true);
        var isImplied = IsImplied(3, order);
        foreach (var states in _components.Find(nodes, scope, _scopes, walk).OrderBy(states => states.Length))
        {
            _search.Enter(states);
            if (Single(states, new(Relation.Rw, true), dependencies with { NonAdjacent = true }, order) is { } single)
                Add(single);
            else if (!isImplied && !IsFull(3, order))
                Add(Shortest(states, walk));
        }
    }

    private Hop[]? Single(int[] states, Walk first, Walk rest, Order order)
    {
        Hop[]? best = null;
        var (limit, enough) = (int.MaxValue, 0L);
        foreach (var state in states)
        {
            if ((state & 1) == 1 || state / 2 >= _graph.Transactions)
                continue;
            if (_search.Steps < enough)
            {
                if (limit == int.MaxValue)
                    Undecided.Add(order);
                break;
            }
            if (_search.Find(state, first, rest, limit) is not { } cycle)
                continue;
            if (limit == int.MaxValue)
                enough = _search.Steps - StepsForShorter;
            (best, limit) = (cycle, cycle.Length);
        }
        return best;
    }

    private Hop[] Shortest(int[] states, Walk walk)
    {
        _search.Enter(states);
        Hop[] best = [];
        var (limit, enough) = (int.MaxValue, _search.Steps - StepsForShorter);
        foreach (var state in states)
        {
            if (limit < int.MaxValue && (limit == 2 || _search.Steps < enough))
                break;
            if (state / 2 < _graph.Transactions && _search.Find(state, walk, walk, limit) is { } cycle)
                (best, limit) = (cycle, cycle.Length);
        }
        return best;
    }

    private void Add(Hop[] cycle)
    {
        var (kind, order) = Classify(cycle);
        _here.Add((kind, order));
        var count = _found[(kind, order)] = _found.GetValueOrDefault((kind, order)) + 1;
        if (count <= _most)
            Found.Add((Kinds[kind], order, cycle));
    }

    /// <summary>Names a cycle by its edges.</summary>
    private static (int Kind, Order Order) Classify(Hop[] cycle)
    {
        var (all, anti, adjacent) = (Relation.None, 0, false);
        for (var at = 0; at < cycle.Length; at++)
        {
            all |= cycle[at].Relation;
            if (cycle[at].Relation != Relation.Rw)
                continue;
            anti++;
            adjacent |= cycle[(at + 1) % cycle.Length].Relation == Relation.Rw;
        }
        var kind = anti switch { 0 => (all & (Relation.Wr | Relation.WwUnknown)) == 0 ? 0 : 1, 1 => 2, _ => adjacent ? 4 : 3 };
        return (kind, all.HasFlag(Relation.Realtime) ? Order.Realtime : all.HasFlag(Relation.Process) ? Order.Process : Order.None);
    }
}
