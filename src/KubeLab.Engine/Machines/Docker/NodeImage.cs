using System.Text;
using System.Text.RegularExpressions;
using KubeLab.Engine.Docker;
using KubeLab.Engine.Flow;

namespace KubeLab.Engine.Machines.Docker;

/// <summary>The image of machines. The engine builds it from Node/Dockerfile if no image with this content exists.</summary>
internal sealed partial class NodeImage
{
    /// <summary>The default base image.</summary>
    public const string DefaultBase = "debian:12";

    private const string Supported = "Specify an image of Debian 12, Ubuntu 22.04 or a later release, such as debian:13 or ubuntu:24.04.";
    private readonly (string Name, byte[] Content)[] _files;

    /// <summary>The image for a base image.</summary>
    /// <param name="from">An image of Debian or Ubuntu.</param>
    /// <exception cref="KlException">ImageInvalid: it is not a valid image name.</exception>
    public NodeImage(string from)
    {
        Base = Normalize(from);
        _files = [.. EmbeddedFiles.Read("node/").Select(file => (file.Name, file.Name != "Dockerfile" ? file.Content
            : Encoding.UTF8.GetBytes(From().Replace(Encoding.UTF8.GetString(file.Content), $"FROM {Base}", 1))))];
        Name = "kubelab-node:" + EmbeddedFiles.Hash(_files)[..12];
    }

    /// <summary>The base image, for example debian:12.</summary>
    public string Base { get; }

    /// <summary>The image's name: kubelab-node: and a hash of its files.</summary>
    public string Name { get; }

    /// <summary>Normalizes an image name: removes the parts that Docker adds by default.</summary>
    /// <exception cref="KlException">ImageInvalid.</exception>
    public static string Normalize(string image) => Reference().Match(image) is { Success: true } match ? match.Groups["name"].Value : throw new KlException(
        ErrorIds.ImageInvalid, KlErrorKind.InvalidInput, image, $"'{image}' is not a valid image name.", Supported);

    /// <summary>Whether the engine has the image.</summary>
    public async Task<bool> ExistsAsync(IDocker docker, string target, CancellationToken stop) =>
        await docker.FindAsync(target, new("image", "inspect", "--format", "{{.Id}}", Name), stop) is not null;

    /// <summary>Builds the image if the engine does not have it.</summary>
    /// <exception cref="KlException">NodeImageFailed, with the output of the build; ImageNotFound; ImageUnsupported; DockerDiskFull.</exception>
    public async Task BuildAsync(IDocker docker, string target, IProgress<LabEvent> events, CancellationToken stop)
    {
        if (await ExistsAsync(docker, target, stop))
            return;
        events.Step(target, $"Building the machine image from {Base} (once)");
        // The engine uses a local base image if it has one, and pulls it otherwise.
        var command = new DockerCommand("build", "--force-rm", "--tag", Name, "-") { Input = WriteContextAsync, Line = line => events.Detail(target, line) };
        var result = await docker.RunAsync(command, stop);
        if (result.ExitCode != 0)
            throw Failure(command, result);
        events.Changed(target, $"built {Name} from {Base}");
    }

    private KlException Failure(DockerCommand command, DockerResult result)
    {
        var output = result.Output + "\n" + result.Error;
        if (Unsupported().Match(output) is { Success: true } found)
            return new(ErrorIds.ImageUnsupported, KlErrorKind.InvalidInput, Base,
                $"{Base} cannot be used for machines: it is {found.Groups[1].Value.Trim()}, which has no apt-get.", Supported);
        if (NoShell().IsMatch(output))
            return new(ErrorIds.ImageUnsupported, KlErrorKind.InvalidInput, Base, $"{Base} cannot be used for machines: it has no shell.", Supported);
        if (Absent().IsMatch(output))
            return new(ErrorIds.ImageNotFound, KlErrorKind.NotFound, Base,
                $"The engine does not have the image {Base} and could not pull it: {OutputTail.Of(output, 3)}", Supported);
        var error = DockerCalls.Failure(Base, command, result with { Error = output });
        return error.ErrorId != ErrorIds.DockerFailed ? error : new(ErrorIds.NodeImageFailed, KlErrorKind.Failed, Name, error.Message,
            $"The build needs {Base} (docker pull {Base}) and the packages of its distribution. Behind a proxy, check the proxy settings of the engine.");
    }

    private async Task WriteContextAsync(Stream context, CancellationToken stop)
    {
        await using var tar = ContextTar.Open(context);
        foreach (var (name, content) in _files)
            await tar.AddAsync(name, content, isPublic: true, stop);
    }

    // distribution/reference, without uppercase in the registry. The name is inserted into the Dockerfile, so nothing else may pass.
    private const string Part = "[a-z0-9]+([._-]+[a-z0-9]+)*";

    [GeneratedRegex($@"\A(docker\.io/)?(library/)?(?<name>{Part}(:[0-9]+/{Part})?(/{Part})*"
        + $@"(:[0-9A-Za-z_][0-9A-Za-z_.-]{{0,127}})?(@sha256:[0-9a-f]{{64}})?)\z",
        RegexOptions.ExplicitCapture)]
    private static partial Regex Reference();

    [GeneratedRegex("^FROM .*$", RegexOptions.Multiline)]
    private static partial Regex From();

    // The output of the Dockerfile's first step. BuildKit prefixes the step number and the time.
    [GeneratedRegex(@"^(?:#\d+ )?(?:[\d.]+ )?kubelab-base: (.+)$", RegexOptions.Multiline)]
    private static partial Regex Unsupported();

    [GeneratedRegex(@"exec:? ""?/bin/sh""?: (stat /bin/sh: )?no such file", RegexOptions.IgnoreCase)]
    private static partial Regex NoShell();

    [GeneratedRegex("pull access denied|manifest unknown|manifest for .* not found|repository does not exist|not found: manifest", RegexOptions.IgnoreCase)]
    private static partial Regex Absent();
}
