using System.Management.Automation;

namespace KubeLab.Pipeline.Queries;

/// <summary>Objects that come one at a time, for as long as it takes.</summary>
internal static class WatchedObject
{
    /// <summary>As it is; or, watched, with the type name that has a view of its own: one that finds its columns' widths must see all objects first.</summary>
    public static object Shown(object seen, bool isWatched)
    {
        if (!isWatched)
            return seen;
        var shown = new PSObject(seen);
        shown.TypeNames.Insert(0, seen.GetType().FullName + "#Watched");
        return shown;
    }
}
