using System.Formats.Tar;
using System.IO.Pipelines;
using System.Text;
using KubeLab.Engine.Flow;
using KubeLab.Engine.Kube;

namespace KubeLab.Engine.Workloads;

/// <summary>Files and folders, to and from pods, as tar over a command. What is copied appears at its place whole or not at all.</summary>
public static class PodFiles
{
    // Unpacked beside its place, on the same disk, and only then moved there: a disk that fills up leaves nothing half.
    private const string Unpack = """
        set -e
        if [ -d "$1" ]; then into=${1%/}; as=$2; else into=$(dirname "$1"); as=$(basename "$1"); fi
        [ -d "${into:-/}" ] || { echo "there is no folder $into" >&2; exit 1; }
        work=$(mktemp -d "$into/.kubelab-XXXXXX")
        trap 'rm -rf "$work"' EXIT
        tar -xmof - -C "$work" || { df -P "$work" | grep -q ' 100% ' && echo "there is no room left in $into" >&2; exit 1; }
        if [ -d "$into/$as" ] && [ -d "$work/$2" ]; then
            cd "$work/$2"
            find . -type d -exec mkdir -p "$into/$as/{}" \;
            find . ! -type d -exec mv -f {} "$into/$as/{}" \;
        else
            mv -f "$work/$2" "$into/$as"
        fi
        """;

    /// <summary>Copies a file or folder into a container.</summary>
    /// <param name="cluster">The cluster, or null: the current context.</param>
    /// <param name="ns">The namespace, or null: the context's.</param>
    /// <param name="pod">The pod, or KIND/NAME: one of that object's; its container needs sh and tar.</param>
    /// <param name="container">The container, or null: the only one.</param>
    /// <param name="path">The file or folder here.</param>
    /// <param name="destination">Where to: a folder that is there takes it in, anything else is its new name.</param>
    /// <param name="stop">Ends it.</param>
    /// <exception cref="KlException">CopyFailed, FileNotFound, PodNotFound, ContainerNotNamed, and KubeApi's.</exception>
    public static async Task SendAsync(string? cluster, string? ns, string pod, string? container, string path, string destination, CancellationToken stop)
    {
        path = Path.TrimEndingDirectorySeparator(Path.GetFullPath(path));
        if (!Path.Exists(path))
            throw new KlException("FileNotFound", KlErrorKind.NotFound, path, $"There is no file or folder {path}.");
        using var api = KubeApi.Open(cluster);
        var at = await PodContainer.FindAsync(api, ns, pod, container, stop);
        // The command has to know how long its input is, so the archive is made first.
        var spool = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.ReadWrite, Options = FileOptions.DeleteOnClose };
        if (!OperatingSystem.IsWindows())
            spool.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        try
        {
            await using var archive = new FileStream(Path.Combine(Path.GetTempPath(), $"kubelab-{Guid.NewGuid():N}.tar"), spool);
            await PackAsync(archive, path, stop);
            archive.Position = 0;
            await RunAsync(api, at, ["sh", "-c", Unpack, "sh", destination, Path.GetFileName(path)], archive, null, $"copying {path} to {destination}", stop);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw Failed(at, $"copying {path} to {destination}", error.Message, error);
        }
    }

    /// <summary>Copies a file or folder out of a container.</summary>
    /// <param name="cluster">The cluster, or null: the current context.</param>
    /// <param name="ns">The namespace, or null: the context's.</param>
    /// <param name="pod">The pod, or KIND/NAME: one of that object's; its container needs tar.</param>
    /// <param name="container">The container, or null: the only one.</param>
    /// <param name="path">The file or folder there.</param>
    /// <param name="destination">Where to: a folder that is there takes it in, anything else is its new name.</param>
    /// <param name="stop">Ends it.</param>
    /// <returns>What it is called here.</returns>
    /// <exception cref="KlException">CopyFailed, PodNotFound, ContainerNotNamed, and KubeApi's.</exception>
    public static async Task<string> ReceiveAsync(string? cluster, string? ns, string pod, string? container, string path, string destination, CancellationToken stop)
    {
        using var api = KubeApi.Open(cluster);
        return await ReceiveAsync(api, await PodContainer.FindAsync(api, ns, pod, container, stop), path, destination, stop);
    }

    internal static async Task<string> ReceiveAsync(KubeApi api, PodContainer at, string path, string destination, CancellationToken stop)
    {
        path = path.TrimEnd('/');
        var slash = path.LastIndexOf('/');
        var (folder, name) = (slash < 0 ? "." : slash == 0 ? "/" : path[..slash], path[(slash + 1)..]);
        destination = Path.GetFullPath(destination);
        var target = Directory.Exists(destination) ? Path.Combine(destination, name) : Path.TrimEndingDirectorySeparator(destination);
        var work = Path.Combine(Path.GetDirectoryName(target)!, $".kubelab-{Guid.NewGuid():N}");
        var what = $"copying {path} to {target}";
        try
        {
            Directory.CreateDirectory(work);
            var pipe = new Pipe();
            var unpacking = UnpackAsync(pipe.Reader, work, stop);
            try
            {
                await RunAsync(api, at, ["tar", "-cf", "-", "-C", folder, "--", name], null, pipe.Writer, what, stop);
                await pipe.Writer.CompleteAsync();
            }
            catch (Exception error)
            {
                await pipe.Writer.CompleteAsync(error);
                await unpacking.ContinueWith(_ => { }, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
                throw;
            }
            await unpacking;
            Move(Path.Combine(work, name), target);
            return target;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or InvalidDataException)
        {
            throw Failed(at, what, error.Message, error);
        }
        finally
        {
            if (Directory.Exists(work))
                Directory.Delete(work, recursive: true);
        }
    }

    private static async Task RunAsync(KubeApi api, PodContainer at, string[] command, Stream? input, PipeWriter? output, string what, CancellationToken stop)
    {
        var said = new StringBuilder();
        var code = await PodCommands.RunAsync(api, at, command, input, async (isError, data) =>
        {
            if (isError && said.Length < 2000)
                said.Append(Encoding.UTF8.GetString(data.Span));
            else if (!isError && output is not null && (await output.WriteAsync(data, stop)).IsCompleted)
                throw new IOException("What came could not be unpacked.");
        }, stop);
        if (code != 0)
            throw Failed(at, what, said.Length == 0 ? $"exit code {code}" : said.ToString().Trim(), null);
    }

    internal static async Task PackAsync(Stream archive, string path, CancellationToken stop)
    {
        // GNU's form: busybox reads its long names, too.
        await using var tar = new TarWriter(archive, TarEntryFormat.Gnu, leaveOpen: true);
        var root = Path.GetDirectoryName(path)!;
        await tar.WriteEntryAsync(path, Path.GetFileName(path), stop);
        if (Directory.Exists(path) && new DirectoryInfo(path).LinkTarget is null)
            foreach (var entry in new DirectoryInfo(path).EnumerateFileSystemInfos("*", new EnumerationOptions { RecurseSubdirectories = true, AttributesToSkip = FileAttributes.None }))
                await tar.WriteEntryAsync(entry.FullName, Path.GetRelativePath(root, entry.FullName).Replace('\\', '/'), stop);
    }

    private static async Task UnpackAsync(PipeReader archive, string folder, CancellationToken stop)
    {
        Exception? failure = null;
        try
        {
            await using var stream = archive.AsStream(leaveOpen: true);
            // It refuses names and links that lead out of the folder.
            await TarFile.ExtractToDirectoryAsync(stream, folder, overwriteFiles: true, stop);
            await stream.CopyToAsync(Stream.Null, stop);
        }
        catch (Exception error)
        {
            failure = error;
            throw;
        }
        finally
        {
            await archive.CompleteAsync(failure);
        }
    }

    private static void Move(string from, string target)
    {
        if (File.Exists(from))
            File.Move(from, target, overwrite: true);
        else if (!Directory.Exists(target))
            Directory.Move(from, target);
        else
            foreach (var entry in Directory.EnumerateFileSystemEntries(from))
                Move(entry, Path.Combine(target, Path.GetFileName(entry)));
    }

    private static KlException Failed(PodContainer at, string what, string why, Exception? inner) => new("CopyFailed", KlErrorKind.Failed, at.Pod,
        $"{at.Namespace}/{at.Pod}, container {at.Container}: {what}: {why}", "Nothing was copied. The container needs sh and tar, and the destination room and an existing folder.", inner);
}
