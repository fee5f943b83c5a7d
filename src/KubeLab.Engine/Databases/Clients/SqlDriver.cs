namespace KubeLab.Engine.Databases.Clients;

/// <summary>Connects to members by SQL.</summary>
internal sealed class SqlDriver(SqlDialect dialect, DriverOptions options) : IDatabaseDriver
{
    public IReadOnlyList<DatabaseWorkload> Workloads { get; } = Enum.GetValues<DatabaseWorkload>();

    public async Task<IDatabaseClient> ConnectAsync(string member, CancellationToken stop)
    {
        var address = await options.AddressOf(member);
        var relay = dialect.Relay(address);
        var connection = dialect.Connect(relay?.Address ?? address, options.Password, Math.Max(1, (int)options.Timeout.TotalSeconds));
        try
        {
            await connection.OpenAsync(stop);
            return new SqlClient(connection, relay, dialect, options);
        }
        catch (Exception error) when (error is not OperationCanceledException || !stop.IsCancellationRequested)
        {
            relay?.Dispose();
            await connection.DisposeAsync();
            throw new DatabaseException(hadNoEffect: true,
                dialect.Classify(error).Reason == DatabaseException.LoginRejected ? DatabaseException.LoginRejected : DatabaseException.NotConnected, error);
        }
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
