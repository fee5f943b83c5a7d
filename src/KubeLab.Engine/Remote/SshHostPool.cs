using System.Collections.Concurrent;

namespace KubeLab.Engine.Remote;

/// <summary>Opens machines over SSH. Hosts with the same name and endpoint share a connection. The name matters because errors contain it.</summary>
/// <param name="clock">The clock.</param>
public sealed class SshHostPool(TimeProvider clock) : IHostPool
{
    private readonly ConcurrentDictionary<Key, Lazy<SshConnection>> _connections = new();

    /// <inheritdoc/>
    public IHost Open(string name, SshEndpoint endpoint) => new SshHost(name, Connection(name, endpoint));

    /// <inheritdoc/>
    public void Drop(string name, SshEndpoint endpoint) => Connection(name, endpoint).Drop();

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        foreach (var connection in _connections.Values)
            await connection.Value.DisposeAsync();
    }

    private SshConnection Connection(string name, SshEndpoint endpoint) =>
        _connections.GetOrAdd(Key.Of(name, endpoint), _ => new(() => Connect(name, endpoint))).Value;

    private SshConnection Connect(string name, SshEndpoint endpoint) =>
        new(name, endpoint, endpoint.Jump is { } jump ? Connection(jump.Host, jump) : null, clock);

    /// <summary>Compares endpoints by content, because records compare lists and credentials by reference.</summary>
    private sealed record Key(string Name, SshEndpoint Endpoint, Key? Jump, string Files, string? Password)
    {
        public static Key Of(string name, SshEndpoint endpoint) => new(
            name, endpoint with { Identities = [], CertificateFiles = [], MoreKnownHostsFiles = [], Password = null, Jump = null },
            endpoint.Jump is { } jump ? Of(jump.Host, jump) : null,
            string.Join('\n', [.. endpoint.Identities, "", .. endpoint.CertificateFiles, "", .. endpoint.MoreKnownHostsFiles]), endpoint.Password?.Password);
    }
}
