using System.Formats.Tar;
using System.IO.Pipelines;
using KubeLab.Engine.Flow;
using KubeLab.Engine.Kube;

namespace KubeLab.Engine.Pods;

/// <summary>Copies files and folders to and from pods by running tar. An item is copied completely or not at all.</summary>
/// <param name="kube">Opens connections to clusters.</param>
public sealed class PodFiles(KubeSession kube)
{
    // Unpacks next to the destination, on the same file system, and then moves the item, so that a full disk leaves no partial copy. Existing links
    // are not followed. A file does not replace a folder or vice versa: everything is compared before anything is moved.
    internal const string UnpackScript = """
        set -e
        fail() { echo "$1" >&2; exit 1; }
        if [ -d "$1" ]; then into=${1%/}; as=$2; else into=$(dirname -- "$1"); as=$(basename -- "$1"); fi
        [ -d "${into:-/}" ] || fail "folder $into was not found"
        into=$(cd "${into:-/}" && pwd)
        into=${into%/}
        work=$(mktemp -d "$into/.kubelab-XXXXXX")
        trap 'rm -rf "$work"' EXIT
        tar -xmof - -C "$work" || { df -P "$work" | grep -q ' 100% ' && echo "no space left in $into" >&2; exit 1; }
        cd "$work"
        [ "$2" = "$as" ] || mv "./$2" "./$as"
        if [ -d "./$as" ] && [ ! -L "./$as" ] && [ -d "$into/$as" ]; then
            find "./$as" -exec sh -c 'to=$1; shift; for f; do
                if [ -d "$f" ] && [ ! -L "$f" ]; then
                    [ ! -L "$to/$f" ] || { echo "$to/$f is a link in the container" >&2; exit 1; }
                    [ -d "$to/$f" ] || [ ! -e "$to/$f" ] || { echo "$to/$f is a file in the container, but a folder on this computer" >&2; exit 1; }
                else
                    [ ! -d "$to/$f" ] || [ -L "$to/$f" ] || { echo "$to/$f is a folder in the container, but a file or link on this computer" >&2; exit 1; }
                fi
            done' sh "$into" {} +
            find "./$as" -type d -exec sh -c 'to=$1; shift; for f; do [ -d "$to/$f" ] || mkdir "$to/$f" || exit 1; done' sh "$into" {} +
            find "./$as" ! -type d -exec sh -c 'to=$1; shift; for f; do
                [ ! -L "$to/$f" ] || rm -f "$to/$f" || exit 1
                mv -f "$f" "$to/$f" || exit 1
            done' sh "$into" {} +
        else
            if [ -L "$into/$as" ]; then
                [ ! -d "./$as" ] || [ -L "./$as" ] || fail "$into/$as is a link in the container"
                rm -f "$into/$as"
            fi
            [ ! -d "$into/$as" ] || fail "$into/$as is a folder in the container, but a file or link on this computer"
            mv -f "./$as" "$into/$as"
        fi
        """;

    /// <summary>Copies a file or folder into a container.</summary>
    /// <param name="cluster">The cluster, or null for the current context.</param>
    /// <param name="ns">The namespace, or null for the context's namespace.</param>
    /// <param name="pod">The pod, or KIND/NAME for a pod of another object. Its container needs sh and tar.</param>
    /// <param name="container">The container, or null for the only one.</param>
    /// <param name="path">The local file or folder.</param>
    /// <param name="destination">The path in the container: an existing folder, or the new name of the item.</param>
    /// <param name="events">Receives a warning for each skipped entry.</param>
    /// <param name="stop">Cancels the operation.</param>
    /// <exception cref="KlException">CopyFailed, FileNotFound, PodNotFound, ContainerNotNamed, and the errors of KubeApi.</exception>
    public async Task SendAsync(string? cluster, string? ns, string pod, string? container, string path, string destination,
        IProgress<LabEvent> events, CancellationToken stop)
    {
        path = Path.TrimEndingDirectorySeparator(Path.GetFullPath(path));
        if (!Path.Exists(path) && PodArchive.LinkOf(path) is null)
            throw new KlException(ErrorIds.FileNotFound, KlErrorKind.NotFound, path, $"File or folder '{path}' was not found.");
        using var api = kube.Open(cluster);
        var at = await PodContainer.FindAsync(api, ns, pod, container, stop);
        // The archive is created first, because the length of standard input must be known.
        var spool = Path.Combine(Path.GetTempPath(), $"kubelab-{Guid.NewGuid():N}.tar");
        try
        {
            await using var archive = AtomicFile.Open(spool, FileMode.CreateNew, options: FileOptions.DeleteOnClose);
            await PackAsync(archive, path, Skipped(events, at), stop);
            archive.Position = 0;
            await RunAsync(api, at, ["sh", "-c", UnpackScript, "sh", destination, Path.GetFileName(path)], archive, null, $"copying {path} to {destination}",
                stop);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw Failed(at, $"copying {path} to {destination}", Why(error), error);
        }
    }

    /// <summary>Copies a file or folder from a container.</summary>
    /// <param name="cluster">The cluster, or null for the current context.</param>
    /// <param name="ns">The namespace, or null for the context's namespace.</param>
    /// <param name="pod">The pod, or KIND/NAME for a pod of another object. Its container needs tar.</param>
    /// <param name="container">The container, or null for the only one.</param>
    /// <param name="path">The file or folder in the container.</param>
    /// <param name="destination">The local path: an existing folder, or the new name of the item. If this path is itself a link, it is followed.</param>
    /// <param name="events">Receives a warning for each skipped entry.</param>
    /// <param name="stop">Cancels the operation.</param>
    /// <returns>The local path of the item.</returns>
    /// <exception cref="KlException">CopyFailed, PodNotFound, ContainerNotNamed, and the errors of KubeApi.</exception>
    public async Task<string> ReceiveAsync(string? cluster, string? ns, string pod, string? container, string path, string destination,
        IProgress<LabEvent> events, CancellationToken stop)
    {
        using var api = kube.Open(cluster);
        return await ReceiveAsync(api, await PodContainer.FindAsync(api, ns, pod, container, stop), path, destination, events, stop);
    }

    internal static async Task<string> ReceiveAsync(KubeApi api, PodContainer at, string path, string destination,
        IProgress<LabEvent> events, CancellationToken stop)
    {
        path = path.Length > 1 ? path.TrimEnd('/') : path;
        var slash = path.LastIndexOf('/');
        var (folder, name) = (slash < 0 ? "." : slash == 0 ? "/" : path[..slash], path[(slash + 1)..]);
        if (name is "" or "." or "..")
            (folder, name) = (path.Length == 0 ? "/" : path, ".");
        var (what, work, archive) = ($"copying {path} to {destination}", "", (PodArchive?)null);
        try
        {
            var target = Target(Path.GetFullPath(destination), name);
            what = $"copying {path} to {target}";
            work = Path.Combine(Beside(target), $".kubelab-{Guid.NewGuid():N}");
            PodArchive.MakeFolder(work, default);
            archive = new PodArchive(work, name, target, Skipped(events, at));
            var pipe = new Pipe();
            var unpacking = UnpackAsync(pipe.Reader, archive, stop);
            try
            {
                await RunAsync(api, at, ["tar", "-cf", "-", "-C", folder, "--", name], null, pipe.Writer, what, stop);
                await pipe.Writer.CompleteAsync();
            }
            catch (Exception error)
            {
                await pipe.Writer.CompleteAsync(error);
                // An error in unpacking is the cause of the other error.
                await unpacking;
                throw;
            }
            await unpacking;
            archive.Place();
            return target;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or InvalidDataException)
        {
            throw Failed(at, what, Why(error), error, archive?.HasMoved == true);
        }
        finally
        {
            if (Directory.Exists(work))
                Directory.Delete(work, recursive: true);
        }
    }

    // Like cp, follows a link that the user specified.
    private static string Target(string destination, string name)
    {
        if (Directory.Exists(destination) && name != ".")
            return Path.Combine(destination, name);
        destination = Path.TrimEndingDirectorySeparator(destination);
        return PodArchive.LinkOf(destination) is null ? destination : new FileInfo(destination).ResolveLinkTarget(returnFinalTarget: true)!.FullName;
    }

    // A folder on the file system of the target.
    private static string Beside(string target)
    {
        var folder = PodArchive.IsFolder(target) ? target : Path.GetDirectoryName(target);
        while (!Directory.Exists(folder))
            folder = Path.GetDirectoryName(folder) ?? throw new DirectoryNotFoundException($"the drive of {target} was not found");
        return folder;
    }

    private static Action<string> Skipped(IProgress<LabEvent> events, PodContainer at) => message => events.Warning($"{at.Namespace}/{at.Pod}", message);

    private static async Task RunAsync(KubeApi api, PodContainer at, string[] command, Stream? input, PipeWriter? output, string what, CancellationToken stop)
    {
        var errors = new OutputTail();
        var code = await PodCommands.RunAsync(api, at, command, input, async (isError, data) =>
        {
            if (isError)
                errors.Add(data.Span);
            else if (output is not null && (await output.WriteAsync(data, stop)).IsCompleted)
                throw new IOException("The received archive could not be unpacked.");
        }, stop);
        if (code != 0)
            throw Failed(at, what, $"{errors}" is { Length: > 0 } tail ? tail : $"exit code {code}", null);
    }

    /// <summary>Packs a file or folder. A link is packed as a link.</summary>
    internal static async Task PackAsync(Stream archive, string path, Action<string> skipped, CancellationToken stop)
    {
        // busybox supports long names in the GNU format.
        await using var tar = new TarWriter(archive, TarEntryFormat.Gnu, leaveOpen: true);
        await PackAsync(tar, path, Path.GetFileName(path), skipped, stop);
        if (archive.Length == 0)
            throw new IOException("there is nothing that can be copied");
    }

    private static async Task PackAsync(TarWriter tar, string path, string name, Action<string> skipped, CancellationToken stop)
    {
        if (PodArchive.IsFolder(path))
        {
            await tar.WriteEntryAsync(path, name, stop);
            foreach (var entry in Directory.EnumerateFileSystemEntries(path))
                await PackAsync(tar, entry, $"{name}/{Path.GetFileName(entry)}", skipped, stop);
        }
        else if (PodArchive.LinkOf(path) is not null || !await IsSpecialAsync(path, stop))
            await tar.WriteEntryAsync(path, name, stop);
        else
            skipped($"'{name}' was skipped: it is a device, a FIFO (named pipe) or a socket.");
    }

    // Only tar can tell a special file from an empty one. A special file has no length.
    private static async Task<bool> IsSpecialAsync(string path, CancellationToken stop)
    {
        if (OperatingSystem.IsWindows() || new FileInfo(path).Length > 0)
            return false;
        using var probe = new MemoryStream();
        try
        {
            await using (var tar = new TarWriter(probe, TarEntryFormat.Gnu, leaveOpen: true))
                await tar.WriteEntryAsync(path, "probe", stop);
        }
        catch (IOException) when (File.Exists(path))
        {
            return true;
        }
        probe.Position = 0;
        await using var written = new TarReader(probe);
        return await written.GetNextEntryAsync(cancellationToken: stop) is { EntryType: not TarEntryType.RegularFile };
    }

    private static async Task UnpackAsync(PipeReader pipe, PodArchive archive, CancellationToken stop)
    {
        Exception? failure = null;
        try
        {
            await using var stream = pipe.AsStream(leaveOpen: true);
            await archive.UnpackAsync(stream, stop);
        }
        catch (Exception error)
        {
            failure = error;
            throw;
        }
        finally
        {
            await pipe.CompleteAsync(failure);
        }
    }

    // These messages name the file.
    private static string Why(Exception error) =>
        error is UnauthorizedAccessException or FileNotFoundException or DirectoryNotFoundException ? error.Message : IoError.Describe(error);

    private static KlException Failed(PodContainer at, string what, string why, Exception? inner, bool hasBegun = false) =>
        new(ErrorIds.CopyFailed, KlErrorKind.Failed, at.Pod, $"{at.Namespace}/{at.Pod}, container {at.Container}: {what}: {why.TrimEnd('.')}.",
        (hasBegun ? "Some files may have been copied." : "Nothing was copied.") + " The container needs sh and tar, and the destination needs free space.",
        inner);
}
