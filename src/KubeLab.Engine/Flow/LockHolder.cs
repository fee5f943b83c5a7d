namespace KubeLab.Engine.Flow;

/// <summary>Describes the process that holds a lock.</summary>
internal static class LockHolder
{
    /// <summary>The process that holds an exclusive lock (flock) on a file, such as "process 12 (pwsh)". Only Linux provides this.</summary>
    public static string Of(string path)
    {
        try
        {
            // "1: FLOCK  ADVISORY  WRITE 12 08:01:34 0 EOF"; the line of a waiting process contains an arrow.
            return File.ReadLines("/proc/locks").Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries))
                .Where(parts => parts.Length > 4 && parts[1] == "FLOCK" && parts[3] == "WRITE")
                .Select(parts => int.TryParse(parts[4], out var id) ? id : 0)
                .Where(id => id > 0 && HasOpen(id, path)).Select(Describe).FirstOrDefault() ?? Unknown;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return Unknown;
        }
    }

    /// <summary>A process by its ID and, if available, its name.</summary>
    public static string Describe(int id)
    {
        try
        {
            return id == Environment.ProcessId ? $"another command of this process ({id})"
                : $"process {id} ({File.ReadAllText($"/proc/{id}/comm").Trim()})";
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return $"process {id}";
        }
    }

    /// <summary>Used if the process cannot be determined.</summary>
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
