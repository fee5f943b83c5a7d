namespace KubeLab.Engine.Reliability.Checkers.Transactions;

/// <summary>The walks through a graph that a search considers. A state is a node, twice its number, plus one after an anti-dependency.</summary>
/// <param name="Allowed">The relations of the edges.</param>
/// <param name="NonAdjacent">Whether no two anti-dependencies may follow each other.</param>
internal readonly record struct Walk(Relation Allowed, bool NonAdjacent = false)
{
    /// <summary>Returns the state that an edge leads to, or -1 if the walk must not take the edge.</summary>
    public int Next(int state, int target, Relation relation)
    {
        if (relation == Relation.Pass)
            return 2 * target + (state & 1);
        if ((relation & Allowed) == 0)
            return -1;
        if (!NonAdjacent || relation != Relation.Rw)
            return 2 * target;
        return (state & 1) == 0 ? 2 * target + 1 : -1;
    }
}
