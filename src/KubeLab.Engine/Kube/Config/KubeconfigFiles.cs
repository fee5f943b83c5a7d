using System.Text;
using KubeLab.Engine.Flow;

namespace KubeLab.Engine.Kube.Config;

/// <summary>The files that make up a kubeconfig. If two files contain the same entry, the first wins.</summary>
/// <remarks>client-go tools/clientcmd: ClientConfigLoadingRules, PathOptions.GetDefaultFilename, lockFile.</remarks>
internal sealed record KubeconfigFiles(IReadOnlyList<string> Paths)
{
    // With or without a byte order mark. Invalid characters are an error, because they would be lost when the file is written.
    private static readonly Encoding[] WithByteOrderMark = [new UTF8Encoding(true, true), new UnicodeEncoding(false, true, true),
        new UnicodeEncoding(true, true, true)];
    private static readonly UTF8Encoding WithoutByteOrderMark = new(false, true);

    /// <summary>The existing files.</summary>
    public IEnumerable<string> Existing => Paths.Where(File.Exists);

    /// <summary>The file for new entries: the first existing one, otherwise the last.</summary>
    public string Default => Existing.FirstOrDefault() ?? Paths[^1];

    /// <summary>The files in KUBECONFIG, or ~/.kube/config.</summary>
    public static KubeconfigFiles Locate()
    {
        var named = (Environment.GetEnvironmentVariable("KUBECONFIG") ?? "")
            .Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Distinct().ToList();
        return new(named.Count > 0 ? named : [Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile,
            Environment.SpecialFolderOption.DoNotVerify), ".kube", "config")]);
    }

    /// <summary>Loads and merges all files: names and addresses.</summary>
    /// <exception cref="KlException">KubeconfigInvalid.</exception>
    public LoadedKubeconfig Load()
    {
        var merged = new LoadedKubeconfig();
        foreach (var path in Existing)
            merged.Add(Read(path).Text, path);
        return merged;
    }

    /// <summary>Finds the file that contains each section's entry of a name. Missing entries belong to the default file.</summary>
    public IEnumerable<(string Path, IReadOnlySet<string> Sections)> FilesOf(string name, IReadOnlyList<string> sections)
    {
        var texts = Existing.Select(path => (Path: path, Read(path).Text)).ToList();
        return [.. sections.GroupBy(section => texts.Find(t => t.Text.Find(section, name) is not null).Path ?? Default)
            .Select(group => (group.Key, (IReadOnlySet<string>)group.ToHashSet()))];
    }

    /// <summary>Edits one file under kubectl's lock. Readers see either the old or the new file. Mode, owner, links, byte order mark and line
    /// breaks are preserved. A new file gets mode 0600. False if the edit changed nothing.</summary>
    /// <exception cref="KlException">KubeconfigInvalid, KubeconfigLocked, KubeconfigNotWritable.</exception>
    public static async Task<bool> EditAsync(string path, Func<KubeconfigText, KubeconfigText> edit, TimeProvider clock, CancellationToken stop)
    {
        try
        {
            var given = new FileInfo(path);
            path = given.LinkTarget is null ? given.FullName : given.ResolveLinkTarget(returnFinalTarget: true)!.FullName;
            foreach (var folder in ((string[])[given.FullName, path]).Select(file => Path.GetDirectoryName(file)!))
                AtomicFile.CreateFolder(folder);
            // kubectl locks the given name, not the target of a link.
            while (true)
            {
                using var named = await KubeconfigLock.AcquireAsync(given.FullName + ".lock", clock, stop);
                using var real = path == given.FullName ? null : await LockTargetAsync(path + ".lock", clock, stop);
                var isNew = !File.Exists(path);
                if (Directory.Exists(path) || UnixFile.Of(path) is { IsRegular: false })
                    throw new IOException("it is not a regular file.");
                var (before, encoding) = isNew ? (KubeconfigText.Parse("", path), WithoutByteOrderMark) : Read(path);
                var after = edit(before).Text;
                if (after == before.Text)
                    return false;
                byte[] content = [.. encoding.GetPreamble(), .. encoding.GetBytes(after)];
                // After a suspension of some minutes, the lock may have been taken over.
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
                $"The kubeconfig {path} cannot be written: {IoError.Describe(error)}",
                "Correct the problem, or set KUBECONFIG to another file. The file was not changed.", error);
        }
    }

    // kubectl locks the given name, not the target of a link. If the target cannot be locked, no other program can lock it either.
    private static async Task<KubeconfigLock?> LockTargetAsync(string path, TimeProvider clock, CancellationToken stop)
    {
        try
        {
            return await KubeconfigLock.AcquireAsync(path, clock, stop);
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
            // A device may never end.
            var (read, part) = (new MemoryStream(), new byte[81920]);
            for (int count; (count = file.Read(part)) > 0;)
                if (read.Length + count <= BoundedYaml.MaxLength)
                    read.Write(part, 0, count);
                else
                    throw new IOException($"it is longer than {BoundedYaml.MaxLength / (1024 * 1024)} MiB.");
            var content = read.ToArray();
            var encoding = WithByteOrderMark.FirstOrDefault(one => content.AsSpan().StartsWith(one.Preamble)) ?? WithoutByteOrderMark;
            return (KubeconfigText.Parse(encoding.GetString(content.AsSpan(encoding.Preamble.Length)), path), encoding);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or DecoderFallbackException)
        {
            throw KubeconfigText.Invalid(path, error);
        }
    }
}
