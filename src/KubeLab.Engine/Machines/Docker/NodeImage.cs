using System.Formats.Tar;
using System.Reflection;
using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;
using KubeLab.Engine.Docker;
using KubeLab.Engine.Flow;

namespace KubeLab.Engine.Machines.Docker;

/// <summary>The image that machines are made of; built by the engine from Node/Dockerfile when it has none of this content.</summary>
internal sealed partial class NodeImage
{
    /// <summary>What machines are made of by default.</summary>
    public const string DefaultBase = "debian:12";

    private const string Folder = "node/", Supported = "Give an image of Debian 12 or Ubuntu 22.04, or of a later release, such as debian:13 or ubuntu:24.04.";
    private static readonly Assembly Here = typeof(NodeImage).Assembly;
    private readonly (string Name, byte[] Content)[] _files;

    /// <summary>The image for a base.</summary>
    /// <param name="from">An image of Debian or Ubuntu.</param>
    /// <exception cref="KlException">ImageInvalid: it cannot be the name of an image.</exception>
    public NodeImage(string from)
    {
        Base = Normal(from);
        _files = [.. Here.GetManifestResourceNames().Where(name => name.StartsWith(Folder, StringComparison.Ordinal)).Order(StringComparer.Ordinal).Select(Read)];
        Name = "kubelab-node:" + Hash();
    }

    /// <summary>The image that it is built on, as in debian:12.</summary>
    public string Base { get; }

    /// <summary>Its own name: kubelab-node: and what the content of its files comes to.</summary>
    public string Name { get; }

    /// <summary>An image's name without what Docker adds by itself, so that one image has one name.</summary>
    /// <exception cref="KlException">ImageInvalid.</exception>
    public static string Normal(string image) => Reference().Match(image) is { Success: true } match ? match.Groups["name"].Value : throw new KlException(
        ErrorIds.ImageInvalid, KlErrorKind.InvalidInput, image, $"'{image}' is not the name of an image.", Supported);

    /// <summary>Whether the engine has it.</summary>
    public async Task<bool> ExistsAsync(IDocker docker, string target, CancellationToken stop) =>
        await docker.FindAsync(target, new("image", "inspect", "--format", "{{.Id}}", Name), stop) is not null;

    /// <summary>Makes sure that the engine has it.</summary>
    /// <exception cref="KlException">NodeImageFailed, with the build's own output; ImageMissing; ImageUnsupported; DockerDiskFull.</exception>
    public async Task BuildAsync(IDocker docker, string target, IProgress<LabEvent> events, CancellationToken stop)
    {
        if (await ExistsAsync(docker, target, stop))
            return;
        events.Step(target, $"builds the machine image from {Base} (once)");
        // The engine takes the base from its own images, and pulls it where it is not among them.
        var command = new DockerCommand("build", "--force-rm", "--tag", Name, "-") { Input = WriteContextAsync, Line = line => events.Detail(target, line) };
        var result = await docker.RunAsync(command, stop);
        if (result.ExitCode != 0)
            throw Failure(command, result);
        events.Changed(target, $"built {Name} from {Base}");
    }

    private KlException Failure(DockerCommand command, DockerResult result)
    {
        var said = result.Output + "\n" + result.Error;
        if (Unsupported().Match(said) is { Success: true } found)
            return new(ErrorIds.ImageUnsupported, KlErrorKind.InvalidInput, Base, $"{Base} cannot become a machine: it is {found.Groups[1].Value.Trim()}, and has no apt-get.", Supported);
        if (NoShell().IsMatch(said))
            return new(ErrorIds.ImageUnsupported, KlErrorKind.InvalidInput, Base, $"{Base} cannot become a machine: it has no shell.", Supported);
        if (Absent().IsMatch(said))
            return new(ErrorIds.ImageMissing, KlErrorKind.NotFound, Base, $"The engine does not have the image {Base}, and cannot pull it: {DockerCalls.Tail(said, 3)}", Supported);
        var error = DockerCalls.Failure(Base, command, result with { Error = said });
        return error.ErrorId != ErrorIds.DockerFailed ? error : new(ErrorIds.NodeImageFailed, KlErrorKind.Failed, Name, error.Message,
            $"The build needs {Base} (docker pull {Base}) and the packages of its distribution. Behind a proxy, see the proxy settings of the engine.");
    }

    private async Task WriteContextAsync(Stream context, CancellationToken stop)
    {
        // docker tells a context from a Dockerfile by the first 512 bytes, which a pax header would fill.
        await using var tar = new TarWriter(context, TarEntryFormat.Ustar, leaveOpen: true);
        foreach (var (name, content) in _files)
        {
            await using var stream = new MemoryStream(content);
            await tar.WriteEntryAsync(new UstarTarEntry(TarEntryType.RegularFile, name)
            {
                DataStream = stream,
                Mode = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead,
                ModificationTime = DateTimeOffset.UnixEpoch,
            }, stop);
        }
    }

    private (string Name, byte[] Content) Read(string resource)
    {
        using var stream = Here.GetManifestResourceStream(resource)!;
        using var bytes = new MemoryStream();
        stream.CopyTo(bytes);
        var name = resource[Folder.Length..];
        return (name, name != "Dockerfile" ? bytes.ToArray() : Encoding.UTF8.GetBytes(From().Replace(Encoding.UTF8.GetString(bytes.ToArray()), $"FROM {Base}", 1)));
    }

    private string Hash()
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var (name, content) in _files)
        {
            hash.AppendData(Encoding.UTF8.GetBytes($"{name} {content.Length}\n"));
            hash.AppendData(content);
        }
        return Convert.ToHexStringLower(hash.GetHashAndReset())[..12];
    }

    // distribution/reference, without upper case in a registry's name. It is written into the Dockerfile, so nothing else may come through.
    private const string Part = "[a-z0-9]+([._-]+[a-z0-9]+)*";

    [GeneratedRegex($@"\A(docker\.io/)?(library/)?(?<name>{Part}(:[0-9]+/{Part})?(/{Part})*(:[0-9A-Za-z_][0-9A-Za-z_.-]{{0,127}})?(@sha256:[0-9a-f]{{64}})?)\z", RegexOptions.ExplicitCapture)]
    private static partial Regex Reference();

    [GeneratedRegex("^FROM .*$", RegexOptions.Multiline)]
    private static partial Regex From();

    // As the Dockerfile's first step says it; BuildKit puts the step and the time before it.
    [GeneratedRegex(@"^(?:#\d+ )?(?:[\d.]+ )?kubelab-base: (.+)$", RegexOptions.Multiline)]
    private static partial Regex Unsupported();

    [GeneratedRegex(@"exec:? ""?/bin/sh""?: (stat /bin/sh: )?no such file", RegexOptions.IgnoreCase)]
    private static partial Regex NoShell();

    [GeneratedRegex("pull access denied|manifest unknown|manifest for .* not found|repository does not exist|not found: manifest", RegexOptions.IgnoreCase)]
    private static partial Regex Absent();
}
