using System.Text;

namespace KubeLab.Engine.Remote;

/// <summary>One line of an ssh_config.</summary>
/// <param name="Scopes">The patterns of the Host lines it stands under, all of which must match; included files nest them.</param>
/// <param name="Keyword">In lower case.</param>
/// <param name="Values">One at least.</param>
internal sealed record SshSetting(IReadOnlyList<IReadOnlyList<string>> Scopes, string Keyword, IReadOnlyList<string> Values)
{
    // As ssh has it (readconf.c, READCONF_MAX_DEPTH).
    private const int Depth = 16;

    /// <summary>Whether it is about <paramref name="host"/>.</summary>
    public bool IsOf(string host) => Scopes.All(patterns => HostPatterns.Match(patterns, host));

    /// <summary>The settings of a file and those it includes, in order.</summary>
    public static IEnumerable<SshSetting> Read(string file) => Read(file, [], Depth);

    private static IEnumerable<SshSetting> Read(string file, IReadOnlyList<IReadOnlyList<string>> outer, int depth)
    {
        var scopes = outer;
        foreach (var line in depth > 0 && File.Exists(file) ? File.ReadLines(file) : [])
        {
            if (Words(line) is not [var keyword, .. { Count: > 0 } values])
                continue;
            switch (keyword.ToLowerInvariant())
            {
                case "host":
                    scopes = [.. outer, values];
                    break;
                case "match":
                    // Only "all" can be judged by name alone; others apply to no host.
                    scopes = [.. outer, values is ["all"] ? ["*"] : []];
                    break;
                case "include":
                    foreach (var setting in values.SelectMany(Files).SelectMany(included => Read(included, scopes, depth - 1)))
                        yield return setting;
                    break;
                case var other:
                    yield return new(scopes, other, values);
                    break;
            }
        }
    }

    /// <summary>The files a pattern means, as glob(7) orders them; relative ones stand in ~/.ssh.</summary>
    private static IEnumerable<string> Files(string pattern)
    {
        var path = Path.GetFullPath(SshFolder.Expand(pattern), SshFolder.Of(""));
        var folder = Path.GetDirectoryName(path)!;
        return Directory.Exists(folder) ? Directory.GetFiles(folder, Path.GetFileName(path)).Order(StringComparer.Ordinal) : [];
    }

    /// <summary>Keyword and values: separated by blanks or one =, double quotes hold a value together, # begins a comment.</summary>
    private static List<string> Words(string line)
    {
        var words = new List<string>();
        var word = new StringBuilder();
        var (quoted, begun) = (false, false);
        foreach (var c in line.TrimEnd() + " ")
        {
            if (c == '"')
                (quoted, begun) = (!quoted, true);
            else if (!quoted && (c is ' ' or '\t' || (c == '=' && (words.Count == 0 || (words.Count == 1 && !begun)))))
            {
                if (begun)
                    words.Add(word.ToString());
                word.Clear();
                begun = false;
            }
            else if (c == '#' && !quoted && !begun)
                break;
            else
            {
                word.Append(c);
                begun = true;
            }
        }
        return words;
    }
}
