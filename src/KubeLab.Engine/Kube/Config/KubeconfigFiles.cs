using System.Text;
using KubeLab.Engine.Flow;

namespace KubeLab.Engine.Kube.Config;

/// <summary>The files that make up a kubeconfig; where two name the same entry, the first wins.</summary>
/// <remarks>client-go tools/clientcmd: ClientConfigLoadingRules, PathOptions.GetDefaultFilename, lockFile.</remarks>
internal sealed record KubeconfigFiles(IReadOnlyList<string> Paths)
{
    // With a byte order mark, or without one; what is not valid is an error, for it would not be written back as it was.
    private static readonly Encoding[] Marked = [new UTF8Encoding(true, true), new UnicodeEncoding(false, true, true), new UnicodeEncoding(true, true, true)];
    private static readonly UTF8Encoding Unmarked = new(false, true);

    /// <summary>Those that exist.</summary>
    public IEnumerable<string> Existing => Paths.Where(File.Exists);

    /// <summary>Where a new entry goes: the first that exists, otherwise the last.</summary>
    public string Default => Existing.FirstOrDefault() ?? Paths[^1];

    /// <summary>What KUBECONFIG names, or ~/.kube/config.</summary>
    public static KubeconfigFiles Found()
    {
        var named = (Environment.GetEnvironmentVariable("KUBECONFIG") ?? "").Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Distinct().ToList();
        return new(named.Count > 0 ? named : [Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile, Environment.SpecialFolderOption.DoNotVerify), ".kube", "config")]);
    }

    /// <summary>All of them merged: names and addresses.</summary>
    /// <exception cref="KlException">KubeconfigInvalid.</exception>
    public LoadedKubeconfig Load()
    {
        var merged = new LoadedKubeconfig();
        foreach (var path in Existing)
            merged.Add(Read(path).Text, path);
        return merged;
    }

    /// <summary>Which file holds each section's entry of that name; those that none holds belong to the default file.</summary>
    public IEnumerable<(string Path, IReadOnlySet<string> Sections)> Homes(string name, IReadOnlyList<string> sections)
    {
        var texts = Existing.Select(path => (Path: path, Read(path).Text)).ToList();
        return [.. sections.GroupBy(section => texts.Find(t => t.Text.Find(section, name) is not null).Path ?? Default)
            .Select(group => (group.Key, (IReadOnlySet<string>)group.ToHashSet()))];
    }

    /// <summary>Changes one file under kubectl's lock; a reader sees the old or the new one whole. Its mode, owner, links, byte order mark and line breaks stay;
    /// a new file is 0600. False where the edit left it as it was.</summary>
    /// <exception cref="KlException">KubeconfigInvalid, KubeconfigLocked, KubeconfigNotWritable.</exception>
    public static async Task<bool> EditAsync(string path, Func<KubeconfigText, KubeconfigText> edit, TimeProvider clock, CancellationToken stop)
    {
        try
        {
            var given = new FileInfo(path);
            path = given.LinkTarget is null ? given.FullName : given.ResolveLinkTarget(returnFinalTarget: true)!.FullName;
            foreach (var folder in ((string[])[given.FullName, path]).Select(file => Path.GetDirectoryName(file)!))
                AtomicFile.MakeFolder(folder);
            // kubectl locks the name that it was given, and not the file that a link leads to.
            while (true)
            {
                using var named = await KubeconfigLock.TakeAsync(given.FullName + ".lock", clock, stop);
                using var real = path == given.FullName ? null : await LockTargetAsync(path + ".lock", clock, stop);
                var isNew = !File.Exists(path);
                if (Directory.Exists(path) || UnixFile.Of(path) is { IsRegular: false })
                    throw new IOException("it is not a regular file.");
                var (before, encoding) = isNew ? (KubeconfigText.Parse("", path), Unmarked) : Read(path);
                var after = edit(before).Text;
                if (after == before.Text)
                    return false;
                byte[] content = [.. encoding.GetPreamble(), .. encoding.GetBytes(after)];
                // One that was stopped for minutes in the middle of this has lost its turn.
                if (!named.IsHeld || real?.IsHeld == false)
                    continue;
                if (isNew)
                    AtomicFile.Write(path, content);
                else
                    AtomicFile.Rewrite(path, content);
                return true;
            }
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new KlException(ErrorIds.KubeconfigNotWritable, error is UnauthorizedAccessException ? KlErrorKind.Denied : KlErrorKind.Failed, path,
                $"The kubeconfig {path} cannot be changed: {IoError.Words(error)}", "Correct that, or name another file in KUBECONFIG; this one was left as it was.", error);
        }
    }

    // kubectl locks the name that it was given, and not the file that a link leads to; where nobody can lock that, nobody has.
    private static async Task<KubeconfigLock?> LockTargetAsync(string path, TimeProvider clock, CancellationToken stop)
    {
        try
        {
            return await KubeconfigLock.TakeAsync(path, clock, stop);
        }
        catch (Exception error) when (IoError.IsDenied(error))
        {
            return null;
        }
    }

    private static (KubeconfigText Text, Encoding Encoding) Read(string path)
    {
        try
        {
            using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            // A device has no length, and may have no end.
            var (read, part) = (new MemoryStream(), new byte[81920]);
            for (int got; (got = file.Read(part)) > 0;)
                if (read.Length + got <= BoundedYaml.MaxLength)
                    read.Write(part, 0, got);
                else
                    throw new IOException($"it is longer than {BoundedYaml.MaxLength / (1024 * 1024)} MiB.");
            var content = read.ToArray();
            var encoding = Marked.FirstOrDefault(one => content.AsSpan().StartsWith(one.Preamble)) ?? Unmarked;
            return (KubeconfigText.Parse(encoding.GetString(content.AsSpan(encoding.Preamble.Length)), path), encoding);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or DecoderFallbackException)
        {
            throw KubeconfigText.Invalid(path, error);
        }
    }
}
