using System.Net;
using System.Text;
using k8s.Models;
using KubeLab.Engine.Kube;
using KubeLab.Engine.Pods;

namespace KubeLab.Engine.Databases.Clients;

/// <summary>Reaches the members of a database from this computer: a port forward to each, and the password.</summary>
public sealed class DatabaseEndpoints : IAsyncDisposable
{
    private readonly PortForwards _forwards;
    private readonly Dictionary<string, IPEndPoint> _addresses = [];

    private DatabaseEndpoints(PortForwards forwards) => _forwards = forwards;

    /// <summary>The address of each member.</summary>
    public IReadOnlyDictionary<string, IPEndPoint> Addresses => _addresses;

    /// <summary>The password.</summary>
    public string Password { get; private set; } = "";

    /// <summary>Opens the port forwards, and reads the password.</summary>
    /// <exception cref="KlException">ResourceNotFound: the Secret has no password; and the errors of port forwards and of clusters.</exception>
    public static async Task<DatabaseEndpoints> OpenAsync(KlDatabase database, KubeSession kube, PortForwards forwards, CancellationToken stop)
    {
        var endpoints = new DatabaseEndpoints(forwards);
        try
        {
            endpoints.Password = await PasswordAsync(database, kube, stop);
            foreach (var member in database.Members)
            {
                var forward = await forwards.StartAsync(database.Cluster, database.Namespace, member.Name, database.Port, 0, stop);
                endpoints._addresses[member.Name] = new(IPAddress.Loopback, forward.LocalPort);
            }
            return endpoints;
        }
        catch
        {
            await endpoints.DisposeAsync();
            throw;
        }
    }

    /// <summary>Ends the port forwards.</summary>
    public async ValueTask DisposeAsync()
    {
        foreach (var address in _addresses.Values)
            await _forwards.StopAsync(address.Port);
    }

    private static async Task<string> PasswordAsync(KlDatabase database, KubeSession kube, CancellationToken stop)
    {
        using var api = kube.Open(database.Cluster);
        return database.Secret.Split('/') is [var name, var key]
            && await api.FindAsync<V1Secret>(name, database.Namespace, stop) is { Data: { } data } && data.TryGetValue(key, out var password)
            ? Encoding.UTF8.GetString(password)
            : throw new KlException(ErrorIds.ResourceNotFound, KlErrorKind.NotFound, database.Secret,
                $"The secret {database.Secret} of the database {database.Name} was not found.", "Create the database again.");
    }
}
