using System.Text.Json.Nodes;
using KubeLab.Engine.Flow;
using YamlDotNet.RepresentationModel;

namespace KubeLab.Engine.Kube;

/// <summary>A user's exec section.</summary>
/// <param name="ApiVersion">client.authentication.k8s.io/v1 or v1beta1.</param>
/// <param name="Command">The program; a path in it is absolute.</param>
/// <param name="Arguments">Each as it is.</param>
/// <param name="Environment">Variables besides those there are.</param>
/// <param name="InstallHint">How to get the program, or null.</param>
/// <param name="Cluster">What it is told of the cluster, or null.</param>
internal sealed record ExecPluginSpec(string ApiVersion, string Command, IReadOnlyList<string> Arguments, IReadOnlyList<(string Name, string Value)> Environment, string? InstallHint, JsonObject? Cluster)
{
    private const string Group = "client.authentication.k8s.io/";

    /// <exception cref="KlException">KubeconfigInvalid.</exception>
    public static ExecPluginSpec Read(YamlMappingNode exec, string path, JsonObject cluster)
    {
        var (version, command) = (exec.Text("apiVersion"), exec.Text("command"));
        if (version is not (Group + "v1" or Group + "v1beta1") || string.IsNullOrEmpty(command))
            throw Invalid(path, $"an exec section needs a command and the apiVersion {Group}v1 or v1beta1, not '{version}'");
        if (exec.Text("interactiveMode") == "Always")
            throw Invalid(path, $"the plugin {command} wants to ask at a terminal (interactiveMode: Always), which a cmdlet has not to give");
        return new(version, command.Contains('/', StringComparison.Ordinal) ? Path.Combine(Path.GetDirectoryName(Path.GetFullPath(path))!, command) : command,
            [.. exec.Items("args").OfType<YamlScalarNode>().Select(a => a.Value ?? "")],
            [.. exec.Items("env").OfType<YamlMappingNode>().Select(e => (e.Text("name") ?? "", e.Text("value") ?? ""))],
            exec.Text("installHint"), exec.Text("provideClusterInfo") == "true" ? cluster : null);
    }

    private static KlException Invalid(string path, string why) => new("KubeconfigInvalid", KlErrorKind.InvalidInput, path, $"{path}: {why}.", "Correct the user's exec section.");
}
