using System.Formats.Tar;
using System.Reflection;
using System.Security.Cryptography;
using KubeLab.Engine.Docker;
using KubeLab.Engine.Flow;

namespace KubeLab.Engine.Machines.Docker;

/// <summary>The image that machines are made of; built by the engine from Node/Dockerfile when it has none of this content.</summary>
internal static class NodeImage
{
    private const string Folder = "node/";
    private static readonly Assembly Here = typeof(NodeImage).Assembly;
    private static readonly string[] Files = [.. Here.GetManifestResourceNames().Where(name => name.StartsWith(Folder, StringComparison.Ordinal)).Order(StringComparer.Ordinal)];

    /// <summary>kubelab-node: and what its files' content comes to.</summary>
    public static string Tag { get; } = "kubelab-node:" + Hash();

    /// <summary>Sees to it that the engine has it.</summary>
    /// <exception cref="KlException">NodeImageFailed, with the build's own output.</exception>
    public static async Task EnsureAsync(IDocker docker, string target, IProgress<LabEvent> events, CancellationToken stop)
    {
        if (await docker.FindAsync(target, new("image", "inspect", "--format", "{{.Id}}", Tag), stop) is not null)
            return;
        events.Step(target, "builds the machine image (once)");
        // The engine takes debian:12 from its own images where it is there, and pulls it where it is not.
        var command = new DockerCommand("build", "--force-rm", "--tag", Tag, "-") { Input = WriteContextAsync, Line = line => events.Detail(target, line) };
        var result = await docker.RunAsync(command, stop);
        if (result.ExitCode != 0)
            throw new KlException("NodeImageFailed", KlErrorKind.Failed, Tag, DockerCalls.Failure(Tag, command, result with { Error = result.Output + result.Error }).Message,
                "The build needs debian:12 (docker pull debian:12) and Debian's packages; see the proxy settings of the engine where it is behind one.");
        events.Changed(target, $"built {Tag}");
    }

    private static async Task WriteContextAsync(Stream context, CancellationToken stop)
    {
        // docker tells a context from a Dockerfile by the first 512 bytes, which a pax header would fill.
        await using var tar = new TarWriter(context, TarEntryFormat.Ustar, leaveOpen: true);
        foreach (var file in Files)
        {
            await using var content = Here.GetManifestResourceStream(file)!;
            await tar.WriteEntryAsync(new UstarTarEntry(TarEntryType.RegularFile, file[Folder.Length..])
            {
                DataStream = content,
                Mode = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead,
                ModificationTime = DateTimeOffset.UnixEpoch,
            }, stop);
        }
    }

    private static string Hash()
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var file in Files)
        {
            using var content = Here.GetManifestResourceStream(file)!;
            using var bytes = new MemoryStream();
            content.CopyTo(bytes);
            hash.AppendData(System.Text.Encoding.UTF8.GetBytes($"{file} {bytes.Length}\n"));
            hash.AppendData(bytes.ToArray());
        }
        return Convert.ToHexStringLower(hash.GetHashAndReset())[..12];
    }
}
