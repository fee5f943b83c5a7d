using System.IO.Pipelines;
using KubeLab.Engine.Flow;

namespace KubeLab.Engine.Remote.Files;

/// <summary>Copies files and folders to and from containers and machines by running tar. An item is copied completely or not at all.</summary>
internal static partial class FileCopy
{
    // Unpacks next to the destination, on the same file system, and then moves the item, so that a full disk leaves no partial copy. Existing links
    // are not followed. A file does not replace a folder or vice versa: everything is compared before anything is moved. The last entry of the archive is
    // checked, because a lost connection looks like the end of the archive.
    internal const string UnpackScript = """
        set -e
        fail() { echo "$1" >&2; exit 1; }
        if [ -d "$1" ]; then into=${1%/}; as=$2; else into=$(dirname -- "$1"); as=$(basename -- "$1"); fi
        [ -d "${into:-/}" ] || fail "folder $into was not found"
        into=$(cd "${into:-/}" && pwd)
        into=${into%/}
        work=$into/$3
        trap 'rm -rf "$work"' EXIT
        trap 'exit 1' HUP INT PIPE TERM
        mkdir -m 700 "$work"
        tar -xmof - -C "$work" || { df -P "$work" | grep -q ' 100% ' && echo "no space left in $into" >&2; exit 1; }
        cd "$work"
        [ -f "./$3" ] || fail "the content is incomplete"
        rm -f "./$3"
        [ "$2" = "$as" ] || mv "./$2" "./$as"
        if [ -d "./$as" ] && [ ! -L "./$as" ] && [ -d "$into/$as" ]; then
            find "./$as" -exec sh -c 'to=$1; shift; for f; do
                if [ -d "$f" ] && [ ! -L "$f" ]; then
                    [ ! -L "$to/$f" ] || { echo "$to/$f is a link at the destination" >&2; exit 1; }
                    [ -d "$to/$f" ] || [ ! -e "$to/$f" ] || { echo "$to/$f is a file at the destination, but a folder in the source" >&2; exit 1; }
                else
                    [ ! -d "$to/$f" ] || [ -L "$to/$f" ] || { echo "$to/$f is a folder at the destination, but a file or link in the source" >&2; exit 1; }
                fi
            done' sh "$into" {} +
            find "./$as" -type d -exec sh -c 'to=$1; shift; for f; do [ -d "$to/$f" ] || mkdir "$to/$f" || exit 1; done' sh "$into" {} +
            find "./$as" ! -type d -exec sh -c 'to=$1; shift; for f; do
                [ ! -L "$to/$f" ] || rm -f "$to/$f" || exit 1
                mv -f "$f" "$to/$f" || exit 1
            done' sh "$into" {} +
        else
            if [ -L "$into/$as" ]; then
                [ ! -d "./$as" ] || [ -L "./$as" ] || fail "$into/$as is a link at the destination"
                rm -f "$into/$as"
            fi
            [ ! -d "$into/$as" ] || fail "$into/$as is a folder at the destination, but a file or link in the source"
            mv -f "./$as" "$into/$as"
        fi
        """;

    /// <summary>Returns the full path of a local file, folder or link.</summary>
    /// <exception cref="KlException">FileNotFound.</exception>
    public static string Existing(string path)
    {
        path = Path.TrimEndingDirectorySeparator(Path.GetFullPath(path));
        return Path.Exists(path) || FileArchive.LinkOf(path) is not null ? path
            : throw new KlException(ErrorIds.FileNotFound, KlErrorKind.NotFound, path, $"File or folder '{path}' was not found.");
    }

    /// <summary>Copies a local file or folder.</summary>
    /// <param name="peer">The container or machine, which needs sh and tar.</param>
    /// <param name="path">The local file or folder.</param>
    /// <param name="destination">The path to copy to: an existing folder, or the new name of the item.</param>
    /// <param name="events">Receives a warning for each skipped entry.</param>
    /// <param name="stop">Cancels the operation.</param>
    /// <exception cref="KlException">CopyFailed, and the errors of running a command.</exception>
    public static async Task SendAsync(CopyPeer peer, string path, string destination, IProgress<LabEvent> events, CancellationToken stop)
    {
        path = Path.TrimEndingDirectorySeparator(path);
        var (what, end) = ($"copying {path} to {destination}", $".kubelab-{Guid.NewGuid():N}");
        string[] command = ["sh", "-c", UnpackScript, "sh", destination, Path.GetFileName(path), end];
        try
        {
            if (peer.NeedsLength)
                await SendPackedAsync();
            else
                await SendWhilePackingAsync();
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw Failed(peer, what, Why(error), error);
        }

        async Task SendPackedAsync()
        {
            var spool = Path.Combine(Path.GetTempPath(), $"kubelab-{Guid.NewGuid():N}.tar");
            await using var archive = AtomicFile.Open(spool, FileMode.CreateNew, options: FileOptions.DeleteOnClose);
            await PackAsync(archive, path, end, Skipped(events, peer), stop);
            archive.Position = 0;
            await RunAsync(peer, command, archive, null, what, stop);
        }

        async Task SendWhilePackingAsync()
        {
            var pipe = new Pipe(new PipeOptions(pauseWriterThreshold: 1 << 20, resumeWriterThreshold: 1 << 19, useSynchronizationContext: false));
            using var ended = CancellationTokenSource.CreateLinkedTokenSource(stop);
            var packing = PackToAsync(pipe.Writer, ended.Token);
            try
            {
                await RunAsync(peer, command, pipe.Reader.AsStream(), null, what, stop);
            }
            catch (Exception) when (packing.IsFaulted)
            {
                // An error in packing is the cause of the other error.
                await packing;
                throw;
            }
            finally
            {
                await ended.CancelAsync();
                await pipe.Reader.CompleteAsync();
                await packing.ContinueWith(_ => { }, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
            }
        }

        async Task PackToAsync(PipeWriter pipe, CancellationToken token)
        {
            Exception? failure = null;
            try
            {
                await PackAsync(pipe.AsStream(leaveOpen: true), path, end, Skipped(events, peer), token);
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
    }

    /// <summary>Copies a file or folder to this computer.</summary>
    /// <param name="peer">The container or machine, which needs tar.</param>
    /// <param name="path">The file or folder to copy.</param>
    /// <param name="destination">The local path: an existing folder, or the new name of the item. If this path is itself a link, it is followed.</param>
    /// <param name="events">Receives a warning for each skipped entry.</param>
    /// <param name="stop">Cancels the operation.</param>
    /// <returns>The local path of the item.</returns>
    /// <exception cref="KlException">CopyFailed, and the errors of running a command.</exception>
    public static async Task<string> ReceiveAsync(CopyPeer peer, string path, string destination, IProgress<LabEvent> events, CancellationToken stop)
    {
        path = path.Length > 1 ? path.TrimEnd('/') : path;
        var slash = path.LastIndexOf('/');
        var (folder, name) = (slash < 0 ? "." : slash == 0 ? "/" : path[..slash], path[(slash + 1)..]);
        if (name is "" or "." or "..")
            (folder, name) = (path.Length == 0 ? "/" : path, ".");
        var (what, work, archive) = ($"copying {path} to {destination}", "", (FileArchive?)null);
        try
        {
            var target = Target(Path.GetFullPath(destination), name);
            what = $"copying {path} to {target}";
            work = Path.Combine(Beside(target), $".kubelab-{Guid.NewGuid():N}");
            FileArchive.MakeFolder(work, default);
            archive = new FileArchive(work, name, target, Skipped(events, peer));
            var pipe = new Pipe();
            var unpacking = UnpackAsync(pipe.Reader, archive, stop);
            try
            {
                await RunAsync(peer, ["tar", "-cf", "-", "-C", folder, "--", name], null, pipe.Writer, what, stop);
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
            throw Failed(peer, what, Why(error), error, archive?.HasMoved == true);
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
        return FileArchive.LinkOf(destination) is null ? destination : new FileInfo(destination).ResolveLinkTarget(returnFinalTarget: true)!.FullName;
    }

    // A folder on the file system of the target.
    private static string Beside(string target)
    {
        var folder = FileArchive.IsFolder(target) ? target : Path.GetDirectoryName(target);
        while (!Directory.Exists(folder))
            folder = Path.GetDirectoryName(folder) ?? throw new DirectoryNotFoundException($"the drive of {target} was not found");
        return folder;
    }

    private static Action<string> Skipped(IProgress<LabEvent> events, CopyPeer peer) => message => events.Warning(peer.Name, message);

    private static async Task RunAsync(CopyPeer peer, string[] command, Stream? input, PipeWriter? output, string what, CancellationToken stop)
    {
        var errors = new OutputTail();
        var code = await peer.RunAsync(command, input, async (isError, data) =>
        {
            if (isError)
                errors.Add(data.Span);
            else if (output is not null && (await output.WriteAsync(data, stop)).IsCompleted)
                throw new IOException("The received archive could not be unpacked.");
        }, stop);
        if (code != 0)
            throw Failed(peer, what, $"{errors}" is { Length: > 0 } tail ? tail : $"exit code {code}", null);
    }

    private static async Task UnpackAsync(PipeReader pipe, FileArchive archive, CancellationToken stop)
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

    private static KlException Failed(CopyPeer peer, string what, string why, Exception? inner, bool hasBegun = false) =>
        new(ErrorIds.CopyFailed, KlErrorKind.Failed, peer.Name, $"{peer}: {what}: {why.TrimEnd('.')}.",
        (hasBegun ? "Some files may have been copied." : "Nothing was copied.") + $" The {peer.Kind} needs sh and tar, and the destination needs free space.",
        inner);
}
