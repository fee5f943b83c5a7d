namespace KubeLab.Engine.Databases.Clients;

/// <summary>Connects to members by SQL.</summary>
internal sealed class SqlDriver(SqlDialect dialect, DriverOptions options) : IDatabaseDriver
{
    public IReadOnlyList<DatabaseWorkload> Workloads { get; } = Enum.GetValues<DatabaseWorkload>();

    public async Task<IDatabaseClient> ConnectAsync(string member, CancellationToken stop)
    {
        var connection = dialect.Connect(await options.AddressOf(member), options.Password, Math.Max(1, (int)options.Timeout.TotalSeconds));
        try
        {
            await connection.OpenAsync(stop);
            return new SqlClient(connection, dialect, options);
        }
        catch (Exception error) when (error is not OperationCanceledException || !stop.IsCancellationRequested)
        {
            await connection.DisposeAsync();
            throw new DatabaseException(hadNoEffect: true, DatabaseException.NotConnected, error);
        }
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
