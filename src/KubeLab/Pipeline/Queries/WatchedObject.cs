using System.Management.Automation;

namespace KubeLab.Pipeline.Queries;

/// <summary>Formats objects of a watch.</summary>
internal static class WatchedObject
{
    /// <summary>Adds the type name #Watched to a watched object. Its view has fixed column widths; automatic widths need all objects first.</summary>
    public static object Shown(object seen, bool isWatched)
    {
        if (!isWatched)
            return seen;
        var shown = new PSObject(seen);
        shown.TypeNames.Insert(0, seen.GetType().FullName + "#Watched");
        return shown;
    }
}
