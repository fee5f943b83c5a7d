using System.Data.Common;
using System.Globalization;

namespace KubeLab.Engine.Databases.Clients;

/// <summary>A connection by SQL. Operations on one row are single statements; the bank and lists use transactions.</summary>
internal sealed class SqlClient(DbConnection connection, IDisposable? relay, SqlDialect dialect, DriverOptions options) : IDatabaseClient
{
    private static readonly CultureInfo Invariant = CultureInfo.InvariantCulture;
    private bool _isCommitting;
    private DbTransaction? _transaction;

    public Task CreateAsync(DatabaseWorkload workload, CancellationToken stop) => GuardAsync(async () =>
    {
        var table = Table(workload);
        var (key, type) = (workload == DatabaseWorkload.Bank ? "VARCHAR(8)" : "BIGINT", workload == DatabaseWorkload.ListAppend ? "TEXT" : "BIGINT");
        await ExecuteAsync($"CREATE TABLE IF NOT EXISTS {table} (k {key} PRIMARY KEY, val {type})", stop);
        var rows = workload switch
        {
            DatabaseWorkload.Bank => string.Join(", ", DatabaseCall.Accounts.Select(account => $"('{account}', {DatabaseCall.Balance})")),
            DatabaseWorkload.Counter => "(0, 0)",
            _ => null,
        };
        if (rows is not null)
            await ExecuteAsync($"INSERT INTO {table} (k, val) VALUES {rows} {dialect.Replace(table)}", stop);
        return null;
    });

    public Task DropAsync(DatabaseWorkload workload, CancellationToken stop) => GuardAsync(async () =>
    {
        await ExecuteAsync($"DROP TABLE IF EXISTS {Table(workload)}", stop);
        return null;
    });

    public Task<object?> RunAsync(DatabaseCall call, CancellationToken stop) => GuardAsync(() => (call.Workload, call.Function) switch
    {
        (DatabaseWorkload.Set, "read") => ElementsAsync(call, stop),
        (DatabaseWorkload.Set, _) => ExecuteAsync($"INSERT INTO {Table(call.Workload)} (k) VALUES (@k)", stop, call.Value),
        (DatabaseWorkload.Counter, "read") => ReadAsync(call, 0L, isRequired: true, stop),
        (DatabaseWorkload.Counter, _) => ExecuteAsync($"UPDATE {Table(call.Workload)} SET val = val + @v WHERE k = @k", stop, 0L, call.Value),
        (DatabaseWorkload.Bank, "read") => TransactionAsync(token => BalancesAsync(call, token), stop),
        (DatabaseWorkload.Bank, _) => TransactionAsync(token => TransferAsync(call, token), stop),
        (DatabaseWorkload.ListAppend, _) => TransactionAsync(token => StepsAsync(call, token), stop),
        (_, "read") => ReadAsync(call, call.Key, isRequired: false, stop),
        (_, "cas") => SwapAsync(call, stop),
        _ => ExecuteAsync($"INSERT INTO {Table(call.Workload)} (k, val) VALUES (@k, @v) {dialect.Replace(Table(call.Workload))}", stop, call.Key, call.Value),
    });

    public async ValueTask DisposeAsync()
    {
        relay?.Dispose();
        try
        {
            await connection.DisposeAsync();
        }
        catch (Exception error) when (error is DbException or IOException or InvalidOperationException or NullReferenceException)
        {
            // MySqlConnector throws NullReferenceException for a connection that was lost while it was opened.
        }
    }

    private string Table(DatabaseWorkload workload) => $"{options.Prefix}_{workload.ToString().ToLowerInvariant()}";

    // Until COMMIT is sent, a transaction has no effect whatever happens.
    private async Task<object?> GuardAsync(Func<Task<object?>> work)
    {
        try
        {
            return await work();
        }
        catch (Exception error) when (error is DbException or IOException or InvalidOperationException or TimeoutException or OperationCanceledException)
        {
            var (hadNoEffect, reason) = dialect.Classify(error);
            throw new DatabaseException(hadNoEffect || (_transaction is not null && !_isCommitting), reason, error);
        }
        finally
        {
            if (_transaction is { } open)
            {
                (_transaction, _isCommitting) = (null, false);
                await EndAsync(open);
            }
        }
    }

    // Rolls back, unless it is committed. The server does so too when the connection ends.
    private async Task EndAsync(DbTransaction transaction)
    {
        try
        {
            await transaction.DisposeAsync();
        }
        catch (Exception error) when (error is DbException or IOException or InvalidOperationException or TimeoutException)
        {
            await connection.CloseAsync();
        }
    }

    private async Task<object?> TransactionAsync(Func<CancellationToken, Task<object?>> work, CancellationToken stop)
    {
        _transaction = await connection.BeginTransactionAsync(options.Isolation, stop);
        var result = await work(stop);
        _isCommitting = true;
        await _transaction.CommitAsync(stop);
        return result;
    }

    private async Task<object?> StepsAsync(DatabaseCall call, CancellationToken stop)
    {
        var lists = new List<IReadOnlyList<object?>?>();
        var table = Table(call.Workload);
        foreach (var (key, element) in call.Steps)
            if (element is { } added)
            {
                lists.Add(null);
                await ExecuteAsync($"INSERT INTO {table} (k, val) VALUES (@k, @v) {dialect.Append(table)}", stop, key, added.ToString(Invariant));
            }
            else
                lists.Add(ListOf(await ScalarAsync($"SELECT val FROM {table} WHERE k = @k", key, stop) as string));
        return call.Result(lists);
    }

    private async Task<object?> TransferAsync(DatabaseCall call, CancellationToken stop)
    {
        var (from, to, amount) = call.Transfer;
        var table = Table(call.Workload);
        var (left, right) = (await BalanceAsync(from), await BalanceAsync(to));
        if (left < amount)
            throw new DatabaseException(hadNoEffect: true, DatabaseException.Conflict);
        await ExecuteAsync($"UPDATE {table} SET val = @v WHERE k = @k", stop, from, left - amount);
        return await ExecuteAsync($"UPDATE {table} SET val = @v WHERE k = @k", stop, to, right + amount);

        async Task<long> BalanceAsync(string account) => await ScalarAsync($"SELECT val FROM {table} WHERE k = @k", account, stop) is long balance
            ? balance : throw new DatabaseException(hadNoEffect: true, DatabaseException.Rejected);
    }

    private async Task<object?> BalancesAsync(DatabaseCall call, CancellationToken stop)
    {
        var balances = new Dictionary<object, object?>();
        await using var command = Command($"SELECT k, val FROM {Table(call.Workload)}", null, null);
        await using (var rows = await command.ExecuteReaderAsync(stop))
            while (await rows.ReadAsync(stop))
                balances[rows.GetString(0)] = rows.GetInt64(1);
        // A replica that has not got the accounts yet.
        return balances.Count > 0 ? balances : throw new DatabaseException(hadNoEffect: true, DatabaseException.Rejected);
    }

    private async Task<object?> ElementsAsync(DatabaseCall call, CancellationToken stop)
    {
        var elements = new List<object?>();
        await using var command = Command($"SELECT k FROM {Table(call.Workload)}", null, null);
        await using var rows = await command.ExecuteReaderAsync(stop);
        while (await rows.ReadAsync(stop))
            elements.Add(rows.GetInt64(0));
        return elements;
    }

    private async Task<object?> ReadAsync(DatabaseCall call, object? key, bool isRequired, CancellationToken stop) =>
        await ScalarAsync($"SELECT val FROM {Table(call.Workload)} WHERE k = @k", key, stop) switch
        {
            long value => value,
            _ => isRequired ? throw new DatabaseException(hadNoEffect: true, DatabaseException.Rejected) : null,
        };

    private async Task<object?> SwapAsync(DatabaseCall call, CancellationToken stop)
    {
        await using var command = Command($"UPDATE {Table(call.Workload)} SET val = @v WHERE k = @k AND val = @old", call.Key, call.Swap.To);
        Add(command, "@old", call.Swap.From);
        return await command.ExecuteNonQueryAsync(stop) == 1 ? null : throw new DatabaseException(hadNoEffect: true, DatabaseException.Conflict);
    }

    private async Task<object?> ExecuteAsync(string sql, CancellationToken stop, object? key = null, object? value = null)
    {
        await using var command = Command(sql, key, value);
        await command.ExecuteNonQueryAsync(stop);
        return null;
    }

    private async Task<object?> ScalarAsync(string sql, object? key, CancellationToken stop)
    {
        await using var command = Command(sql, key, null);
        return await command.ExecuteScalarAsync(stop);
    }

    // The text consists of constants and the prefix, which is letters and digits.
#pragma warning disable CA2100
    private DbCommand Command(string sql, object? key, object? value)
    {
        var command = connection.CreateCommand();
        (command.CommandText, command.Transaction) = (sql, _transaction);
        Add(command, "@k", key);
        Add(command, "@v", value);
        return command;
    }
#pragma warning restore CA2100

    private static void Add(DbCommand command, string name, object? value)
    {
        if (value is null)
            return;
        var parameter = command.CreateParameter();
        (parameter.ParameterName, parameter.Value) = (name, value);
        command.Parameters.Add(parameter);
    }

    private static IReadOnlyList<object?> ListOf(string? text) => text is null ? []
        : text.Length > DriverOptions.MaxAnswer ? throw new DatabaseException(hadNoEffect: true, DatabaseException.Rejected)
        : [.. text.Split(',').Select(one => (object?)long.Parse(one, Invariant))];
}
