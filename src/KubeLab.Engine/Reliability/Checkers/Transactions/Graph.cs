namespace KubeLab.Engine.Reliability.Checkers.Transactions;

/// <summary>A directed graph in three arrays. The first nodes are transactions; the others are auxiliary.</summary>
internal sealed class Graph
{
    private Graph(int transactions, int[] first, int[] targets, Relation[] relations) =>
        (Transactions, First, Targets, Relations) = (transactions, first, targets, relations);

    /// <summary>The number of transactions.</summary>
    public int Transactions { get; }

    /// <summary>The number of nodes.</summary>
    public int Nodes => First.Length - 1;

    /// <summary>The position of the first edge of each node, and the number of edges.</summary>
    public int[] First { get; }

    /// <summary>Where each edge leads.</summary>
    public int[] Targets { get; }

    /// <summary>Why each edge exists.</summary>
    public Relation[] Relations { get; }

    /// <summary>Collects edges.</summary>
    internal sealed class Builder(int transactions, int nodes)
    {
        private readonly List<(int From, int To, Relation Relation)> _edges = new(8 * transactions);

        /// <summary>Whether an edge between transactions follows from data.</summary>
        public bool HasData { get; private set; }

        /// <summary>Adds an edge.</summary>
        public void Add(int from, int to, Relation relation)
        {
            _edges.Add((from, to, relation));
            HasData |= relation < Relation.Process;
        }

        /// <summary>Builds the graph.</summary>
        public Graph Build()
        {
            var first = new int[nodes + 1];
            foreach (var edge in _edges)
                first[edge.From + 1]++;
            for (var node = 0; node < nodes; node++)
                first[node + 1] += first[node];
            var (next, targets, relations) = (first[..nodes], new int[_edges.Count], new Relation[_edges.Count]);
            foreach (var edge in _edges)
            {
                var at = next[edge.From]++;
                (targets[at], relations[at]) = (edge.To, edge.Relation);
            }
            return new(transactions, first, targets, relations);
        }
    }
}
