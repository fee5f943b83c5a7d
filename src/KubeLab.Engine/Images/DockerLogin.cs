using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using KubeLab.Engine.Flow;

namespace KubeLab.Engine.Images;

/// <summary>A temporary configuration folder for docker push, which only the user can read. Without it, the password would be in the user's own
/// configuration, or in an argument.</summary>
/// <param name="endpoint">The engine. A configuration also selects the engine, so the user's choice is made explicit.</param>
internal sealed class DockerLogin(string endpoint) : IDisposable
{
    // The mode of the folder is 0700.
    private readonly string _folder = Directory.CreateTempSubdirectory("kubelab-").FullName;

    /// <summary>The environment of docker push. TLS settings have no meaning for a local engine, and their files may be in the user's configuration.</summary>
    public IReadOnlyDictionary<string, string?> Environment => new Dictionary<string, string?>
    {
        ["DOCKER_CONFIG"] = _folder,
        ["DOCKER_HOST"] = endpoint,
        ["DOCKER_CONTEXT"] = null,
        ["DOCKER_TLS"] = null,
        ["DOCKER_TLS_VERIFY"] = null,
        ["DOCKER_CERT_PATH"] = null,
        ["DOCKER_CONTENT_TRUST"] = null,
    };

    /// <summary>Adds the password for a registry.</summary>
    public async Task AddAsync(string address, NetworkCredential user, CancellationToken stop)
    {
        var auth = Convert.ToBase64String(Encoding.UTF8.GetBytes($"{user.UserName}:{user.Password}"));
        var config = new JsonObject { ["auths"] = new JsonObject { [address] = new JsonObject { ["auth"] = auth } } };
        await using var file = AtomicFile.Open(Path.Combine(_folder, "config.json"), FileMode.CreateNew);
        await file.WriteAsync(Encoding.UTF8.GetBytes(config.ToJsonString()), stop);
    }

    /// <inheritdoc/>
    public void Dispose() => Directory.Delete(_folder, recursive: true);
}
