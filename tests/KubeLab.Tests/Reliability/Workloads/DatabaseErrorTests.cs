using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.RegularExpressions;
using KubeLab.Engine.Databases;
using KubeLab.Engine.Databases.Clients;
using StackExchange.Redis;

namespace KubeLab.Tests.Reliability.Workloads;

public sealed partial class DatabaseErrorTests
{
    [Theory]
    [InlineData(1213, true, DatabaseException.Conflict)]
    [InlineData(1205, true, DatabaseException.Conflict)]
    [InlineData(1290, true, DatabaseException.ReadOnly)]
    [InlineData(1047, true, DatabaseException.NoQuorum)]
    [InlineData(1040, true, DatabaseException.NotConnected)]
    [InlineData(1045, true, DatabaseException.LoginRejected)]
    [InlineData(1146, true, DatabaseException.Rejected)]
    // An error during COMMIT, a lost connection, and what is not known.
    [InlineData(1180, false, DatabaseException.ConnectionLost)]
    [InlineData(2013, false, DatabaseException.ConnectionLost)]
    [InlineData(0, false, DatabaseException.ConnectionLost)]
    public void Errors_of_MariaDB(int number, bool hadNoEffect, string reason) => Assert.Equal((hadNoEffect, reason), MariaDbDialect.Classify(number));

    [Theory]
    [InlineData("40001", true, DatabaseException.Conflict)]
    [InlineData("40P01", true, DatabaseException.Conflict)]
    [InlineData("23505", true, DatabaseException.Conflict)]
    [InlineData("25006", true, DatabaseException.ReadOnly)]
    [InlineData("53300", true, DatabaseException.NotConnected)]
    [InlineData("28P01", true, DatabaseException.LoginRejected)]
    [InlineData("42P01", true, DatabaseException.Rejected)]
    [InlineData("40003", false, DatabaseException.ConnectionLost)]
    [InlineData("57014", false, DatabaseException.ConnectionLost)]
    [InlineData("57P01", false, DatabaseException.ConnectionLost)]
    [InlineData("", false, DatabaseException.ConnectionLost)]
    public void Errors_of_PostgreSQL(string state, bool hadNoEffect, string reason) => Assert.Equal((hadNoEffect, reason), PostgreSqlDialect.Classify(state));

    [Theory]
    [InlineData("etcdserver: no leader", true, DatabaseException.NoQuorum)]
    [InlineData("raft proposal dropped", true, DatabaseException.NoQuorum)]
    [InlineData("etcdserver: request timed out", false, DatabaseException.TimedOut)]
    [InlineData("etcdserver: request timed out, possibly due to previous leader failure", false, DatabaseException.TimedOut)]
    [InlineData("etcdserver: invalid auth token", true, DatabaseException.NotConnected)]
    [InlineData("etcdserver: authentication failed, invalid user ID or password", true, DatabaseException.LoginRejected)]
    [InlineData("etcdserver: too many requests", true, DatabaseException.Rejected)]
    [InlineData("context canceled", false, DatabaseException.ConnectionLost)]
    [InlineData("", false, DatabaseException.ConnectionLost)]
    public void Errors_of_etcd(string message, bool hadNoEffect, string reason)
    {
        var error = EtcdClient.Error(message);

        Assert.Equal((hadNoEffect, reason), (error.HadNoEffect, error.Reason));
    }

    [Theory]
    [InlineData(RedisErrorKind.ReadOnly, DatabaseException.ReadOnly)]
    [InlineData(RedisErrorKind.ClusterDown, DatabaseException.NoQuorum)]
    [InlineData(RedisErrorKind.NoReplicas, DatabaseException.NoQuorum)]
    [InlineData(RedisErrorKind.Loading, DatabaseException.NotConnected)]
    [InlineData(RedisErrorKind.WrongPass, DatabaseException.LoginRejected)]
    [InlineData(RedisErrorKind.Moved, DatabaseException.Rejected)]
    public void Errors_of_Redis(RedisErrorKind kind, string reason) => Assert.Equal(reason, RedisClient.Reason(kind));

    [Theory]
    [InlineData("foo", 12182)]
    [InlineData("123456789", 12739)]
    [InlineData("a{foo}b{bar}", 12182)]
    [InlineData("{user1000}.following", 3443)]
    [InlineData("{user1000}.followers", 3443)]
    // Nothing in the first braces: the whole key counts.
    [InlineData("foo{}{bar}", 8363)]
    public void Slots_of_Redis_Cluster(string key, int slot) => Assert.Equal(slot, RedisSlot.Of(key));

    [Theory]
    [InlineData("kv/put", false)]
    [InlineData("auth/authenticate", true)]
    public async Task A_write_is_sent_once_if_the_connection_is_lost(string lost, bool hadNoEffect)
    {
        var address = new TaskCompletionSource<IPEndPoint>();
        var requests = new List<string>();
        using var end = new CancellationTokenSource();
        var serving = ServeAsync(address, lost, requests, end.Token);
        await using var driver = new EtcdDriver(new()
        {
            Members = ["db-0"],
            AddressOf = _ => address.Task,
            Password = "secret",
            Prefix = "test",
            Timeout = TimeSpan.FromSeconds(30),
            Clock = TimeProvider.System,
        });

        var error = await Assert.ThrowsAsync<DatabaseException>(async () =>
        {
            await using var client = await driver.ConnectAsync("db-0", CancellationToken.None);
            await client.RunAsync(new(DatabaseWorkload.Register, "write", 1L, 2L), CancellationToken.None);
        });

        await end.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => serving);
        Assert.Equal(hadNoEffect, error.HadNoEffect);
        Assert.Single(requests, lost);
    }

    // Answers requests, and closes the connection after a request to a path.
    private static async Task ServeAsync(TaskCompletionSource<IPEndPoint> address, string lost, List<string> requests, CancellationToken end)
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        address.SetResult((IPEndPoint)listener.LocalEndpoint);
        while (true)
        {
            using var socket = await listener.AcceptSocketAsync(end);
            var buffer = new byte[65536];
            for (var text = ""; await socket.ReceiveAsync(buffer, end) is > 0 and var read;)
            {
                text += Encoding.ASCII.GetString(buffer, 0, read);
                if (Request().Match(text) is not { Success: true } request || request.Groups["body"].Length < int.Parse(request.Groups["length"].Value, null))
                    continue;
                requests.Add(request.Groups["path"].Value);
                if (request.Groups["path"].Value == lost)
                    break;
                await socket.SendAsync(Encoding.ASCII.GetBytes("HTTP/1.1 200 OK\r\nContent-Length: 13\r\n\r\n{\"token\":\"t\"}"));
                text = "";
            }
        }
    }

    [GeneratedRegex(@"^POST /v3/(?<path>\S+) .*Content-Length: (?<length>\d+)\r\n(?:.*?\r\n)?\r\n(?<body>.*)$", RegexOptions.Singleline)]
    private static partial Regex Request();
}
