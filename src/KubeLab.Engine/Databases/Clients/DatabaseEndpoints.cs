using System.Net;
using System.Text;
using k8s.Models;
using KubeLab.Engine.Kube;
using KubeLab.Engine.Pods;

namespace KubeLab.Engine.Databases.Clients;

/// <summary>Reaches the members of a database from this computer: a port forward to each, and the password.</summary>
internal sealed class DatabaseEndpoints : IAsyncDisposable
{
    private readonly KlDatabase _database;
    private readonly PortForwards _forwards;
    private readonly Dictionary<string, IPEndPoint> _addresses = [];
    private readonly SemaphoreSlim _turn = new(1);
    private bool _isDisposed;

    private DatabaseEndpoints(KlDatabase database, PortForwards forwards) => (_database, _forwards) = (database, forwards);

    /// <summary>The password.</summary>
    public string Password { get; private set; } = "";

    /// <summary>Opens the port forwards, and reads the password.</summary>
    /// <exception cref="KlException">ResourceNotFound: the Secret has no password; and the errors of port forwards and of clusters.</exception>
    public static async Task<DatabaseEndpoints> OpenAsync(KlDatabase database, KubeSession kube, PortForwards forwards, CancellationToken stop)
    {
        var endpoints = new DatabaseEndpoints(database, forwards);
        try
        {
            endpoints.Password = await PasswordAsync(database, kube, stop);
            foreach (var member in database.Members)
                await endpoints.OpenAsync(member.Name, stop);
            return endpoints;
        }
        catch
        {
            await endpoints.DisposeAsync();
            throw;
        }
    }

    /// <summary>The address of a member, also of one that was added later.</summary>
    /// <exception cref="DatabaseException">The member cannot be reached.</exception>
    public async Task<IPEndPoint> AddressOf(string member)
    {
        try
        {
            return await OpenAsync(member, CancellationToken.None);
        }
        catch (Exception error) when (error is KlException or ObjectDisposedException)
        {
            throw new DatabaseException(hadNoEffect: true, DatabaseException.NotConnected, error);
        }
    }

    /// <summary>Ends the port forwards.</summary>
    public async ValueTask DisposeAsync()
    {
        await _turn.WaitAsync();
        _isDisposed = true;
        foreach (var address in _addresses.Values)
            await _forwards.StopAsync(address.Port);
        _turn.Release();
        _turn.Dispose();
    }

    private async Task<IPEndPoint> OpenAsync(string member, CancellationToken stop)
    {
        await _turn.WaitAsync(stop);
        try
        {
            ObjectDisposedException.ThrowIf(_isDisposed, this);
            if (!_addresses.TryGetValue(member, out var address))
            {
                var forward = await _forwards.StartAsync(_database.Cluster, _database.Namespace, member, _database.Port, 0, stop);
                _addresses[member] = address = new(IPAddress.Loopback, forward.LocalPort);
            }
            return address;
        }
        finally
        {
            _turn.Release();
        }
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
