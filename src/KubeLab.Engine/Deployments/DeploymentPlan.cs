using System.Globalization;
using System.Text.RegularExpressions;

namespace KubeLab.Engine.Deployments;

/// <summary>An environment variable with the value of a Secret key.</summary>
internal sealed record SecretVariable(string Variable, string Secret, string Key);

/// <summary>A deployment with all defaults resolved: parameters take precedence over the image's declarations.</summary>
internal sealed partial record DeploymentPlan
{
    public required string Name { get; init; }

    public required string Namespace { get; init; }

    public required string Image { get; init; }

    public int? Replicas { get; init; }

    public required IReadOnlyList<int> Ports { get; init; }

    public required IReadOnlyDictionary<string, string> Environment { get; init; }

    public required IReadOnlyList<SecretVariable> Secrets { get; init; }

    public required IReadOnlyList<VolumePlan> Volumes { get; init; }

    public IReadOnlyList<string>? Command { get; init; }

    public string? ReadinessPath { get; init; }

    public string? ServiceType { get; init; }

    /// <exception cref="KlException">ImageDeclarationInvalid, SecretReferenceInvalid, DeploymentNameInvalid.</exception>
    public static DeploymentPlan Of(DeploymentSpec spec, string ns)
    {
        if (!DnsLabel().IsMatch(spec.Name) || spec.Name.Length > 63)
            throw new KlException(ErrorIds.DeploymentNameInvalid, KlErrorKind.InvalidInput, spec.Name,
                $"'{spec.Name}' is not a valid name for a deployment and its service.",
                "Use at most 63 lowercase letters, digits and '-', starting with a letter.");
        string? Label(string name) => spec.Declares.Labels.TryGetValue(name, out var value) && value.Length > 0 ? value : null;
        var secrets = spec.Declares.Labels.Where(l => l.Key.StartsWith(ImageLabels.Secret, StringComparison.Ordinal))
            .ToDictionary(l => l.Key[ImageLabels.Secret.Length..], l => l.Value);
        foreach (var (variable, reference) in spec.Secrets)
            secrets[variable] = reference;
        return new()
        {
            Name = spec.Name,
            Namespace = ns,
            Image = spec.Image,
            Replicas = spec.Replicas ?? Count(spec, Label(ImageLabels.Replicas)),
            Ports = spec.Ports ?? spec.Declares.Ports,
            Environment = spec.Environment,
            Secrets = [.. secrets.Where(s => !spec.Environment.ContainsKey(s.Key)).OrderBy(s => s.Key, StringComparer.Ordinal)
                .Select(s => Reference(spec, s.Key, s.Value))],
            Volumes = VolumePlan.Of(spec),
            Command = spec.Command,
            ReadinessPath = Label(ImageLabels.Readiness) is not { } path || path.StartsWith('/') ? Label(ImageLabels.Readiness)
                : throw Invalid(spec, ImageLabels.Readiness, path, "a path that begins with '/'"),
            ServiceType = Label(ImageLabels.Service) is null or "NodePort" or "ClusterIP" or "LoadBalancer" ? Label(ImageLabels.Service)
                : throw Invalid(spec, ImageLabels.Service, Label(ImageLabels.Service)!, "NodePort, ClusterIP or LoadBalancer"),
        };
    }

    private static int? Count(DeploymentSpec spec, string? label) => label is null ? null
        : int.TryParse(label, NumberStyles.None, CultureInfo.InvariantCulture, out var count) ? count
        : throw Invalid(spec, ImageLabels.Replicas, label, "a number");

    private static SecretVariable Reference(DeploymentSpec spec, string variable, string reference) =>
        SecretReference().Match(reference) is { Success: true } match
        ? new(variable, match.Groups[1].Value, match.Groups[3].Value)
        : throw new KlException(ErrorIds.SecretReferenceInvalid, KlErrorKind.InvalidInput, spec.Name,
            $"{spec.Name}: the environment variable {variable} references the secret '{reference}', which is not in the form SECRET/KEY.",
            "Correct the label or the parameter.");

    private static KlException Invalid(DeploymentSpec spec, string label, string value, string expected) =>
        new(ErrorIds.ImageDeclarationInvalid, KlErrorKind.InvalidInput, spec.Image,
        $"{spec.Image} declares {label}={value}, which is not {expected}.", "Correct the LABEL in the Dockerfile and publish the image again.");

    [GeneratedRegex("^[a-z]([-a-z0-9]*[a-z0-9])?$")]
    private static partial Regex DnsLabel();

    [GeneratedRegex("^([a-z0-9]([-a-z0-9.]*[a-z0-9])?)/([-._a-zA-Z0-9]+)$")]
    private static partial Regex SecretReference();
}
