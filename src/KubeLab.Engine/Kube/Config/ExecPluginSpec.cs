using System.Text.Json.Nodes;
using YamlDotNet.RepresentationModel;

namespace KubeLab.Engine.Kube.Config;

/// <summary>A user's exec section.</summary>
/// <param name="ApiVersion">client.authentication.k8s.io/v1 or v1beta1.</param>
/// <param name="Command">The program. If it contains a slash, it is an absolute path.</param>
/// <param name="Arguments">The arguments, passed unchanged.</param>
/// <param name="Environment">Additional environment variables.</param>
/// <param name="InstallHint">How to install the program, or null.</param>
/// <param name="Cluster">The cluster information for the plugin, or null.</param>
internal sealed record ExecPluginSpec(string ApiVersion, string Command, IReadOnlyList<string> Arguments,
    IReadOnlyList<(string Name, string Value)> Environment, string? InstallHint, JsonObject? Cluster)
{
    private const string Group = "client.authentication.k8s.io/";
    private static readonly string[] Modes = ["Never", "IfAvailable", "Always"];

    /// <summary>Whether the plugin may use the terminal: Never, IfAvailable or Always.</summary>
    public string InteractiveMode { get; init; } = "IfAvailable";

    /// <exception cref="KlException">KubeconfigInvalid.</exception>
    public static ExecPluginSpec Read(YamlMappingNode exec, string path, JsonObject cluster)
    {
        var (version, command, mode) = (exec.Text("apiVersion"), exec.Text("command"), exec.Text("interactiveMode") ?? "IfAvailable");
        if (version is not (Group + "v1" or Group + "v1beta1") || string.IsNullOrEmpty(command))
            throw Invalid(path, $"an exec section needs a command and the apiVersion {Group}v1 or v1beta1, not '{version}'");
        if (!Modes.Contains(mode))
            throw Invalid(path, $"the interactiveMode '{mode}' of {command} is not one of {string.Join(", ", Modes)}");
        return new(version, command.Contains('/', StringComparison.Ordinal) ? Path.Combine(Path.GetDirectoryName(Path.GetFullPath(path))!, command) : command,
            [.. exec.Items("args").OfType<YamlScalarNode>().Select(a => a.Value ?? "")],
            [.. exec.Items("env").OfType<YamlMappingNode>().Select(e =>
                (e.Text("name") ?? throw Invalid(path, $"a variable in env of {command} has no name"), e.Text("value") ?? ""))],
            exec.Text("installHint"), exec.Flag("provideClusterInfo") ? cluster : null)
        { InteractiveMode = mode };
    }

    /// <inheritdoc/>
    public bool Equals(ExecPluginSpec? other) => other is not null && Identity == other.Identity;

    /// <inheritdoc/>
    public override int GetHashCode() => Identity.GetHashCode(StringComparison.Ordinal);

    private string Identity => string.Join('\0', [ApiVersion, Command, InteractiveMode, InstallHint, Cluster?.ToJsonString(),
        .. Arguments, "\0", .. Environment.Select(one => $"{one.Name}={one.Value}")]);

    private static KlException Invalid(string path, string why) =>
        new(ErrorIds.KubeconfigInvalid, KlErrorKind.InvalidInput, path, $"{path}: {why}.", "Correct the user's exec section.");
}
