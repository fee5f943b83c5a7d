namespace KubeLab.Engine.Flow;

/// <summary>Which process holds a lock, in words.</summary>
internal static class LockHolder
{
    /// <summary>The process that has locked a file for itself alone (flock), where Linux tells: as in "process 12 (pwsh)".</summary>
    public static string Of(string path)
    {
        try
        {
            // "1: FLOCK  ADVISORY  WRITE 12 08:01:34 0 EOF"; the line of one that waits has an arrow in it.
            return File.ReadLines("/proc/locks").Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries))
                .Where(parts => parts.Length > 4 && parts[1] == "FLOCK" && parts[3] == "WRITE").Select(parts => int.TryParse(parts[4], out var id) ? id : 0)
                .Where(id => id > 0 && HasOpen(id, path)).Select(Named).FirstOrDefault() ?? Unknown;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return Unknown;
        }
    }

    /// <summary>A process by its id and, where it can be found, its name.</summary>
    public static string Named(int id)
    {
        try
        {
            return id == Environment.ProcessId ? $"another command of this process ({id})" : $"process {id} ({File.ReadAllText($"/proc/{id}/comm").Trim()})";
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return $"process {id}";
        }
    }

    /// <summary>Of which nothing is known.</summary>
    public const string Unknown = "another process";

    private static bool HasOpen(int id, string path)
    {
        try
        {
            return Directory.EnumerateFiles($"/proc/{id}/fd").Any(fd => File.ResolveLinkTarget(fd, returnFinalTarget: false)?.FullName == path);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }
}
