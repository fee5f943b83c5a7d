using System.Text.Json;
using System.Text.RegularExpressions;
using KubeLab.Engine.Docker;
using KubeLab.Engine.Flow;

namespace KubeLab.Engine.Images;

/// <summary>Pushes images with docker push, which compresses and sends only layers that it has not pushed to the registry before. It goes through a port
/// of this computer, so the engine must be on this computer. Otherwise, <see cref="ImagePush"/> is needed.</summary>
internal sealed partial class EnginePush(KlRegistry registry, IDocker docker, RegistryClient client) : IDisposable
{
    /// <summary>The tag that docker push sets before the image is verified. A content tag stands for a verified image.</summary>
    public const string Tag = "latest";

    private static readonly string[] LocalEndpoints = ["unix://", "npipe://"];

    // Messages if a registry requires a password: moby (classic image store) and containerd.
    private static readonly string[] NeedsPassword = ["no basic auth credentials", "unauthorized", "authorization", "authentication required"];

    // How long removing the temporary name may take after Ctrl+C.
    private static readonly TimeSpan CleanupTimeout = TimeSpan.FromSeconds(10);

    // One at a time, so that an image can use the layers that another one has just pushed.
    private readonly SemaphoreSlim _turn = new(1);
    private string? _endpoint;
    private string? _unsuitable;
    private bool _isReached;

    /// <summary>Pushes an image as NAME:latest.</summary>
    /// <returns>The verified manifest, or null if the image must be pushed in another way.</returns>
    /// <exception cref="KlException">RegistryFailed, the errors of docker and the registry.</exception>
    public async Task<byte[]?> TryAsync(string name, LocalImage image, IProgress<LabEvent> events, CancellationToken stop)
    {
        await _turn.WaitAsync(stop);
        try
        {
            if (_endpoint is null)
                (_endpoint, _unsuitable) = await FindEngineAsync(stop);
            var (manifest, problem) = _unsuitable is null ? await PushAsync(name, image, events, stop) : (null, _unsuitable);
            if (problem is not null)
                events.Detail(name, $"docker push is not used: {problem}; docker save exports all layers");
            return manifest;
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _turn.Dispose();

    /// <summary>Finds the engine that the docker command uses, and the reason not to push with it, or null.</summary>
    private async Task<(string Endpoint, string? Problem)> FindEngineAsync(CancellationToken stop)
    {
        var result = await docker.RunAsync(DockerCalls.Endpoint, stop);
        var endpoint = result.Output.Trim();
        return (endpoint, result.ExitCode != 0 ? $"the endpoint of the engine is unknown: {OutputTail.Of(result.Error, 1)}"
            : !Array.Exists(LocalEndpoints, local => endpoint.StartsWith(local, StringComparison.Ordinal)) ? $"the engine {endpoint} is not on this computer"
            // Compressing all layers takes longer than sending them, and someone waits for a new cluster.
            : (await client.RepositoriesAsync(stop)).Count == 0 ? "the registry is empty"
            : null);
    }

    private async Task<(byte[]? Manifest, string? Problem)> PushAsync(string name, LocalImage image, IProgress<LabEvent> events, CancellationToken stop)
    {
        var progress = new PushProgress(name, image.Size, events);
        await using var port = RegistryPort.Open($"{registry}\n{registry.CaCertificate}", client.DialAsync, sent => progress.Report(Tag, sent));
        var repository = $"{port.Address}/{name}";
        // Removing the last name of an image removes the image.
        if (image.References.All(other => other.StartsWith(repository, StringComparison.Ordinal)))
            return (null, "the image has no name in the engine");
        using var login = new DockerLogin(_endpoint!);
        var push = new DockerCommand("image", "push", $"{repository}:{Tag}") { Environment = login.Environment };
        try
        {
            await docker.CheckAsync(name, new("image", "tag", image.Id, $"{repository}:{Tag}"), stop);
            if (!_isReached && await ProbeAsync(push, port, stop) is { } problem)
                return (null, _unsuitable = problem);
            _isReached = true;
            await login.AddAsync(port.Address, registry.Credential, stop);
            var pushed = await docker.RunAsync(push with { Line = line => events.Detail(name, line) }, stop);
            if (pushed.ExitCode != 0)
                throw await FailureAsync(pushed, stop);
            events.Detail(name, $"docker push sent {port.Sent} bytes");
            return await VerifyAsync(name, image, Digest().Match(pushed.Output).Groups["digest"].Value, stop) is { } manifest ? (manifest, null)
                : (null, "the registry does not have the image that was pushed");
        }
        finally
        {
            await UntagAsync(name, $"{repository}:{Tag}", events);
        }
    }

    /// <summary>Pushes without the password. The engine must reach the registry and be rejected; otherwise 127.0.0.1 can be another computer for it,
    /// such as a virtual machine or a container, and the password would go to the program that listens there.</summary>
    private async Task<string?> ProbeAsync(DockerCommand push, RegistryPort port, CancellationToken stop)
    {
        var result = await docker.RunAsync(push, stop);
        return port.HasAnswered && Array.Exists(NeedsPassword, text => result.Error.Contains(text, StringComparison.OrdinalIgnoreCase)) ? null
            : $"the engine cannot reach the registry through {port.Address}: {OutputTail.Of(result.Error, 1)}";
    }

    /// <summary>Returns the manifest if the bytes in the registry are those of the image. The ID of an image is the digest of its configuration, or of its
    /// manifest or list of manifests in the containerd image store.</summary>
    private async Task<byte[]?> VerifyAsync(string name, LocalImage image, string digest, CancellationToken stop)
    {
        try
        {
            return await FindAsync(name, digest, stop) is not { } manifest ? null
                : ImageManifest.ConfigOf(manifest) is { } config ? (image.Id == config || image.Id == digest ? manifest : null)
                : image.Id == digest && ImageManifest.FindPlatform(manifest, image.Platform) is { } platform ? await FindAsync(name, platform, stop)
                : null;
        }
        catch (Exception invalid) when (invalid is JsonException or InvalidOperationException)
        {
            return null;
        }
    }

    private async Task<byte[]?> FindAsync(string name, string digest, CancellationToken stop) =>
        digest.Length > 0 && await client.FindManifestAsync(name, digest, stop) is { } manifest && Digests.Of(manifest) == digest ? manifest : null;

    private async Task<KlException> FailureAsync(DockerResult pushed, CancellationToken stop)
    {
        // If the registry or its machine does not respond or rejects the password, that error is more specific.
        await client.PingAsync(stop);
        return new(ErrorIds.RegistryFailed, KlErrorKind.Failed, registry.Address,
            $"docker push to the registry {registry} failed with exit code {pushed.ExitCode}:\n{OutputTail.Of(pushed.Error, 5)}",
            $"Run 'journalctl -u kubelab-registry' on {registry.Cluster.ControlPlane} to see the registry's log.");
    }

    private async Task UntagAsync(string name, string reference, IProgress<LabEvent> events)
    {
        using var limit = new TimeLimit(CleanupTimeout, client.Clock, CancellationToken.None);
        try
        {
            await docker.FindAsync(name, new("image", "rm", reference), limit.Token);
        }
        catch (Exception error) when (error is KlException or OperationCanceledException)
        {
            events.Warning(name, $"the temporary name {reference} could not be removed: {error.Message}");
        }
    }

    // "latest: digest: sha256:0123… size: 1234"
    [GeneratedRegex("digest: (?<digest>sha256:[0-9a-f]{64}) ", RegexOptions.ExplicitCapture)]
    private static partial Regex Digest();
}
