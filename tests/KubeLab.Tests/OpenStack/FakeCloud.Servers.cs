using System.Text.Json.Nodes;
using KubeLab.Engine.Machines.OpenStack.Client;

namespace KubeLab.Tests.OpenStack;

/// <summary>The servers of the cloud, and how they are built.</summary>
internal sealed partial class FakeCloud
{
    private readonly HashSet<string> _failed = [];

    /// <summary>How far the clock of the building host is behind.</summary>
    public TimeSpan Behind { get; set; }

    /// <summary>The fault of the server with this name.</summary>
    public Dictionary<string, string> Faults { get; } = [];

    public JsonObject? LastHints { get; private set; }

    public async Task<IReadOnlyList<string>> BuildingAsync(CancellationToken stop)
    {
        await Task.Delay(1, stop);
        lock (_turn)
        {
            Lists++;
            IReadOnlyList<string> building = [.. Raw<Server>().Where(server => (string)server["status"]! == "BUILD").Select(server => (string)server["id"]!)];
            Finish();
            return building;
        }
    }

    public async Task<IReadOnlyList<Server>> ChangedAsync(DateTimeOffset? since, CancellationToken stop)
    {
        await Task.Delay(1, stop);
        lock (_turn)
        {
            Lists++;
            IReadOnlyList<Server> changed = [.. All<Server>()
                .Where(server => server.Status is "ACTIVE" or "ERROR" && (since is null || server.Updated >= since))];
            Finish();
            return changed;
        }
    }

    // As for a server of another cell than that of Nova's API, only the server itself has the fault, which Nova stores after the state.
    public async Task<Server?> ServerAsync(string id, CancellationToken stop)
    {
        await Task.Delay(1, stop);
        lock (_turn)
        {
            var server = All<Server>().FirstOrDefault(one => one.Id == id);
            return server is { Status: "ERROR" } && !_failed.Add(id) && Faults.TryGetValue(server.Name, out var message)
                ? server with { Fault = new(500, message) } : server;
        }
    }

    // A server in the state BUILD is ACTIVE or ERROR at the next read.
    private void Finish()
    {
        foreach (var server in Raw<Server>().Where(server => (string)server["status"]! == "BUILD"))
        {
            server["updated"] = Now() - Behind;
            server["status"] = Faults.ContainsKey((string)server["name"]!) ? "ERROR" : "ACTIVE";
        }
    }

    private DateTimeOffset Now() => new DateTimeOffset(2026, 11, 22, 12, 0, 0, TimeSpan.Zero).AddSeconds(++_seconds);

    public Task<string> CreateServerAsync(JsonObject server, JsonObject? hints, CancellationToken stop) => ChangeAsync(() =>
    {
        LastHints = hints;
        var port = Of<Port>()[(string)server["networks"]![0]!["port"]!];
        if ((string?)port["device_id"] is { Length: > 0 })
            throw Refusal(409, "Port is still in use");
        var made = (JsonObject)server.DeepClone();
        (made["status"], made["created"], made["updated"]) = ("BUILD", "2026-11-22T12:00:00Z", Now());
        made["flavor"] = new JsonObject { ["original_name"] = "m1.small" };
        port["device_id"] = (string)Add<Server>(made)["id"]!;
        return (string)made["id"]!;
    });

    /// <summary>The last server action.</summary>
    public (string Name, JsonObject? Parameters) LastAction { get; private set; }

    public Task ActAsync(string server, string action, JsonObject? parameters, CancellationToken stop) => ChangeAsync(() =>
    {
        LastAction = (action, parameters);
        Of<Server>()[server]["status"] = action switch
        {
            "os-start" or "reboot" => "ACTIVE",
            "os-stop" => "SHUTOFF",
            _ => throw new InvalidOperationException($"unexpected action {action}"),
        };
        return true;
    });
}
