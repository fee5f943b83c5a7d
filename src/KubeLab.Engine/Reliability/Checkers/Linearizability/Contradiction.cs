namespace KubeLab.Engine.Reliability.Checkers.Linearizability;

/// <summary>Finds an operation that contradicts a read of a text that is only appended to.</summary>
internal static class Contradiction
{
    /// <summary>Returns the read and what contradicts it, or null: an append that was complete before and is missing, or another read of which neither text
    /// continues the other. No put may have come between.</summary>
    public static Call[]? Of(Partition partition, Call read)
    {
        if (partition.Texts is not { } texts || read.Kind != CallKind.Read)
            return null;
        var puts = partition.Calls.Where(call => call.Kind == CallKind.Write).ToList();
        foreach (var call in partition.Calls)
        {
            var isWrong = call.Kind switch
            {
                CallKind.Append => call.End < read.Start && !texts.Contains(read.A, call.B),
                CallKind.Read => !texts.IsPrefix(call.A, read.A) && !(texts.IsPrefix(read.A, call.A) && call.End >= read.Start),
                _ => false,
            };
            if (isWrong && !puts.Exists(put => put.End >= Math.Min(call.Start, read.Start) && put.Start <= Math.Max(call.End, read.End)))
                return call.Start <= read.Start ? [call, read] : [read, call];
        }
        return null;
    }
}
