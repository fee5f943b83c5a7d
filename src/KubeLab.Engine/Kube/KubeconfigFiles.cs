using k8s.KubeConfigModels;
using KubeLab.Engine.Flow;
using YamlDotNet.Core;
using YamlDotNet.Serialization;
using YamlDotNet.Serialization.NamingConventions;

namespace KubeLab.Engine.Kube;

/// <summary>The files that make up a kubeconfig; where two name the same entry, the first wins.</summary>
/// <remarks>client-go tools/clientcmd: ClientConfigLoadingRules, PathOptions.GetDefaultFilename, lockFile.</remarks>
internal sealed record KubeconfigFiles(IReadOnlyList<string> Paths)
{
    // EEXIST, and ERROR_FILE_EXISTS as Windows has it; the file itself may be gone again by now.
    private static readonly int[] Exists = [17, unchecked((int)0x80070050)];
    private static readonly TimeSpan LockPatience = TimeSpan.FromSeconds(10);

    // The package's own reader first learns every model that it has: most of a second, and 40 MB.
    // What a user or a cluster holds is read where it is used (KubeconfigAccess): one that is odd spoils no other context.
    private static readonly Lazy<IDeserializer> Reader = new(() => new DeserializerBuilder().WithNamingConvention(CamelCaseNamingConvention.Instance).IgnoreUnmatchedProperties()
        .WithAttributeOverride<User>(user => user.UserCredentials, new YamlIgnoreAttribute()).WithAttributeOverride<ClusterEndpoint>(cluster => cluster.SkipTlsVerify, new YamlIgnoreAttribute()).Build());

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
    public K8SConfiguration Load()
    {
        var merged = new K8SConfiguration { Clusters = [], Contexts = [], Users = [] };
        foreach (var path in Existing)
        {
            var one = Read(path);
            merged.CurrentContext = string.IsNullOrEmpty(merged.CurrentContext) ? one.CurrentContext : merged.CurrentContext;
            merged.Clusters = [.. merged.Clusters.Concat(one.Clusters ?? []).DistinctBy(c => c.Name)];
            merged.Contexts = [.. merged.Contexts.Concat(one.Contexts ?? []).DistinctBy(c => c.Name)];
            merged.Users = [.. merged.Users.Concat(one.Users ?? []).DistinctBy(u => u.Name)];
        }
        return merged;
    }

    /// <summary>Which file holds each section's entry of that name; those that none holds belong to the default file.</summary>
    public IEnumerable<(string Path, IReadOnlySet<string> Sections)> Homes(string name, IReadOnlyList<string> sections)
    {
        var texts = Existing.Select(path => (Path: path, Text: KubeconfigText.Parse(File.ReadAllText(path), path))).ToList();
        return [.. sections.GroupBy(section => texts.Find(t => t.Text.Find(section, name) is not null).Path ?? Default)
            .Select(group => (group.Key, (IReadOnlySet<string>)group.ToHashSet()))];
    }

    /// <summary>Changes one file under kubectl's lock, in one step; the file is 0600 after. False where the edit left it as it was.</summary>
    /// <exception cref="KlException">KubeconfigInvalid, KubeconfigLocked.</exception>
    public static async Task<bool> EditAsync(string path, Func<KubeconfigText, KubeconfigText> edit, CancellationToken stop)
    {
        var given = new FileInfo(path);
        path = given.LinkTarget is null ? given.FullName : given.ResolveLinkTarget(returnFinalTarget: true)!.FullName;
        var folder = Path.GetDirectoryName(path)!;
        if (OperatingSystem.IsWindows())
            Directory.CreateDirectory(folder);
        else
            Directory.CreateDirectory(folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        await using var held = await LockAsync(path + ".lock", stop);
        var before = File.Exists(path) ? await File.ReadAllTextAsync(path, stop) : "";
        var after = edit(KubeconfigText.Parse(before, path)).Text;
        if (after == before)
            return false;
        var beside = $"{path}.{Guid.NewGuid():N}";
        try
        {
            await using (var file = new FileStream(beside, Mine(FileMode.CreateNew)))
            await using (var writer = new StreamWriter(file))
                await writer.WriteAsync(after.AsMemory(), stop);
            File.Move(beside, path, overwrite: true);
        }
        finally
        {
            File.Delete(beside);
        }
        return true;
    }

    private static async Task<FileStream> LockAsync(string path, CancellationToken stop)
    {
        for (var start = TimeProvider.System.GetTimestamp(); ;)
        {
            try
            {
                return new FileStream(path, Mine(FileMode.CreateNew, FileOptions.DeleteOnClose));
            }
            catch (IOException taken) when (Exists.Contains(taken.HResult) && TimeProvider.System.GetElapsedTime(start) < LockPatience)
            {
                await Task.Delay(50, stop);
            }
            catch (IOException error) when (Exists.Contains(error.HResult))
            {
                throw new KlException("KubeconfigLocked", KlErrorKind.Failed, path, $"Another program has held {path} for {LockPatience.TotalSeconds:0} s.",
                    $"If none runs, delete {path} and run it again.", error);
            }
        }
    }

    private static FileStreamOptions Mine(FileMode mode, FileOptions options = FileOptions.None)
    {
        var mine = new FileStreamOptions { Mode = mode, Access = FileAccess.Write, Share = FileShare.None, Options = options };
        if (!OperatingSystem.IsWindows())
            mine.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        return mine;
    }

    private static K8SConfiguration Read(string path)
    {
        try
        {
            using var text = File.OpenText(path);
            return Reader.Value.Deserialize<K8SConfiguration?>(text) ?? new();
        }
        catch (Exception error) when (error is YamlException or InvalidOperationException or IOException or UnauthorizedAccessException)
        {
            throw KubeconfigText.Invalid(path, error);
        }
    }
}
