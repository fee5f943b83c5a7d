namespace KubeLab.Engine.Databases.Clients;

/// <summary>Connects to members of etcd by its JSON gateway.</summary>
internal sealed class EtcdDriver(DriverOptions options) : IDatabaseDriver
{
    public IReadOnlyList<DatabaseWorkload> Workloads { get; } = Enum.GetValues<DatabaseWorkload>();

    public async Task<IDatabaseClient> ConnectAsync(string member, CancellationToken stop)
    {
        var http = new HttpClient(new SocketsHttpHandler { UseProxy = false, AllowAutoRedirect = false, MaxConnectionsPerServer = 1 })
        {
            BaseAddress = new($"http://{await options.AddressOf(member)}/v3/"),
            Timeout = options.Timeout,
            MaxResponseContentBufferSize = DriverOptions.MaxAnswer,
        };
        var client = new EtcdClient(http, options);
        try
        {
            await client.AuthenticateAsync(stop);
            return client;
        }
        catch (DatabaseException error)
        {
            await client.DisposeAsync();
            throw new DatabaseException(hadNoEffect: true,
                error.Reason is DatabaseException.NoQuorum or DatabaseException.LoginRejected ? error.Reason : DatabaseException.NotConnected, error);
        }
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
