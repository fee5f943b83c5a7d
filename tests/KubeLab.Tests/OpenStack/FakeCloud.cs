using System.Text.Json;
using System.Text.Json.Nodes;
using KubeLab.Engine.Machines.OpenStack;
using KubeLab.Engine.Machines.OpenStack.Client;

namespace KubeLab.Tests.OpenStack;

/// <summary>A cloud in memory. Names are not unique, a port serves one server, and resources in use cannot be deleted.</summary>
internal sealed partial class FakeCloud : ICloud
{
    private readonly Lock _turn = new();
    private readonly Dictionary<string, Dictionary<string, JsonObject>> _all = [];
    private int _last, _seconds;

    public FakeCloud()
    {
        Add<Image>(new() { ["name"] = "Debian 12", ["status"] = "active", ["min_ram"] = 512, ["min_disk"] = 3 });
        Add<Image>(new() { ["name"] = "Debian 13", ["status"] = "queued" });
        Add<Flavor>(new() { ["name"] = "m1.small", ["vcpus"] = 2, ["ram"] = 2048, ["disk"] = 20 });
        Add<Flavor>(new() { ["name"] = "m1.tiny", ["vcpus"] = 1, ["ram"] = 256, ["disk"] = 1 });
        Add<Network>(new() { ["name"] = "public", ["router:external"] = true });
        Add<SecurityGroup>(new() { ["name"] = "default" });
    }

    public string Name { get; init; } = "lab";

    /// <summary>The number of changes. The process can be killed at each of them.</summary>
    public int Changes { get; private set; }

    public int Lists { get; private set; }

    /// <summary>The number of detailed lists of all servers, which take Nova longer the more servers there are.</summary>
    public int ServerLists { get; private set; }

    /// <summary>The change at which the process is killed, and whether before or after it.</summary>
    public int? DieAt { get; set; }

    public bool DieAfter { get; set; }

    public Dictionary<string, NetworkQuota> Quotas { get; } = [];

    public ComputeLimits Limits { get; set; } = new() { MaxInstances = 10, MaxCores = 20, MaxRam = 51200 };

    public bool PoolIsEmpty { get; set; }

    /// <summary>Whether no router connects to the external network.</summary>
    public bool IsIsland { get; set; }

    /// <summary>Kind, name and description of all resources.</summary>
    public IReadOnlyList<string> Everything =>
        [.. _all.SelectMany(kind => kind.Value.Values.Select(one => $"{kind.Key} {one["name"]} {one["description"]}")).Order(StringComparer.Ordinal)];

    public JsonObject Add<T>(JsonObject one)
        where T : ICloudResource
    {
        var id = $"{T.Kind.Path}-{++_last}";
        one["id"] = id;
        Of<T>()[id] = one;
        return one;
    }

    public IReadOnlyList<T> All<T>()
        where T : ICloudResource => [.. Raw<T>().Select(one => one.Deserialize<T>(CloudJson.Read)!)];

    public IReadOnlyList<JsonObject> Raw<T>()
        where T : ICloudResource => [.. Of<T>().Values];

    public async Task<IReadOnlyList<T>> ListAsync<T>(CancellationToken stop)
        where T : class, ICloudResource
    {
        // Let other tasks run, like a real cloud.
        await Task.Delay(1, stop);
        lock (_turn)
        {
            Lists++;
            ServerLists += typeof(T) == typeof(Server) ? 1 : 0;
            var all = All<T>();
            Finish();
            return all;
        }
    }

    public Task<T> CreateAsync<T>(JsonObject resource, CancellationToken stop)
        where T : class, ICloudResource => ChangeAsync(() =>
        {
            if (typeof(T) == typeof(KeyPair) && Of<KeyPair>().Values.Any(one => (string)one["name"]! == (string)resource["name"]!))
                throw Refusal(409, "Key pair already exists");
            if (typeof(T) == typeof(Port))
                Plug(resource);
            if (typeof(T) == typeof(FloatingIp))
            {
                if (IsIsland)
                    throw Refusal(404, "External network is not reachable from subnet");
                if (PoolIsEmpty)
                    throw Refusal(409, "No more IP addresses available on network");
                if (Raw<FloatingIp>().Any(one => (string?)one["port_id"] == (string?)resource["port_id"]))
                    throw Refusal(409, "The port already has a floating IP");
                resource["floating_ip_address"] = $"192.0.2.{_last + 10}";
            }
            return Add<T>((JsonObject)resource.DeepClone()).Deserialize<T>(CloudJson.Read)!;
        });

    public Task<T> UpdateAsync<T>(string id, JsonObject changes, CancellationToken stop)
        where T : class, ICloudResource => ChangeAsync(() =>
        {
            foreach (var (key, value) in changes)
                Of<T>()[id][key] = value?.DeepClone();
            return Of<T>()[id].Deserialize<T>(CloudJson.Read)!;
        });

    public Task<bool> DeleteAsync<T>(string id, CancellationToken stop)
        where T : class, ICloudResource => ChangeAsync(() =>
        {
            var key = typeof(T) == typeof(KeyPair) ? Of<KeyPair>().FirstOrDefault(one => (string)one.Value["name"]! == id).Key ?? "" : id;
            if (!Of<T>().TryGetValue(key, out var one))
                return false;
            var ports = Raw<Port>();
            var isUsed = ports.Any(port => typeof(T) == typeof(Network) ? (string)port["network_id"]! == id
                : typeof(T) == typeof(SecurityGroup) ? port["security_groups"] is JsonArray groups && groups.Any(group => (string)group! == id)
                : typeof(T) == typeof(Router) && (string?)port["device_id"] == id);
            if (isUsed)
                throw Refusal(409, $"{key} is in use");
            Of<T>().Remove(key);
            if (typeof(T) == typeof(Server))
                foreach (var port in ports.Where(port => (string?)port["device_id"] == id))
                    port["device_id"] = "";
            if (typeof(T) == typeof(Network))
                foreach (var subnet in Raw<Subnet>().Where(subnet => (string)subnet["network_id"]! == id))
                    Of<Subnet>().Remove((string)subnet["id"]!);
            if (typeof(T) == typeof(Port))
                foreach (var floating in Raw<FloatingIp>().Where(floating => (string?)floating["port_id"] == id))
                    floating["port_id"] = null;
            return true;
        });

    public Task<IReadOnlyList<T>> CreateManyAsync<T>(IReadOnlyList<JsonObject> resources, CancellationToken stop)
        where T : class, ICloudResource =>
            ChangeAsync<IReadOnlyList<T>>(() => typeof(T) == typeof(SecurityGroupRule) ? [.. resources.Select(Rule).Cast<T>()] : Ports<T>(resources));

    // All or none.
    private List<T> Ports<T>(IReadOnlyList<JsonObject> ports)
        where T : class, ICloudResource
    {
        var before = new Dictionary<string, JsonObject>(Of<Port>());
        try
        {
            return [.. ports.Select(port =>
            {
                Plug(port);
                return Add<T>((JsonObject)port.DeepClone()).Deserialize<T>(CloudJson.Read)!;
            })];
        }
        catch (KlException)
        {
            _all[Port.Kind.Path] = before;
            throw;
        }
    }

    private object Rule(JsonObject rule)
    {
        var group = Of<SecurityGroup>()[(string)rule["security_group_id"]!];
        var all = group["security_group_rules"] as JsonArray ?? (JsonArray)(group["security_group_rules"] = new JsonArray())!;
        rule["id"] = $"rule-{++_last}";
        all.Add(rule.DeepClone());
        return rule.Deserialize<SecurityGroupRule>(CloudJson.Read)!;
    }

    public Task RouteAsync(string router, string action, JsonObject what, CancellationToken stop) => ChangeAsync(() =>
    {
        if (action == "add_router_interface")
        {
            var subnet = Of<Subnet>()[(string)what["subnet_id"]!];
            if (Raw<Port>().Any(port => (string?)port["device_owner"] == "network:router_interface"
                && (string)port["network_id"]! == (string)subnet["network_id"]!))
                throw Refusal(400, "Router already has a port on subnet");
            Add<Port>(new()
            {
                ["network_id"] = (string)subnet["network_id"]!, ["device_id"] = router, ["device_owner"] = "network:router_interface",
                ["fixed_ips"] = new JsonArray(new JsonObject { ["subnet_id"] = (string)subnet["id"]!, ["ip_address"] = "10.77.0.1" }),
            });
        }
        else if (!Of<Port>().Remove((string)what["port_id"]!))
            throw Refusal(404, "no such port");
        return true;
    });

    /// <summary>Null: the cloud has no Cinder.</summary>
    public VolumeLimits? Volumes { get; set; }

    public Task<IReadOnlyList<(string Type, string? Version)>> ServicesAsync(CancellationToken stop) =>
        Task.FromResult<IReadOnlyList<(string, string?)>>([("compute", "v2.1"), ("network", "v2.0")]);

    public Task<VolumeLimits?> VolumeLimitsAsync(CancellationToken stop) => Task.FromResult(Volumes);

    public Task<ComputeLimits> LimitsAsync(CancellationToken stop) => Task.FromResult(Limits);

    public Task<IReadOnlyDictionary<string, NetworkQuota>> NetworkQuotasAsync(CancellationToken stop) =>
        Task.FromResult<IReadOnlyDictionary<string, NetworkQuota>>(Quotas);

    public static KlException Refusal(int code, string message) =>
        new("CloudConflict", KlErrorKind.Exists, "lab", $"lab: was answered {code}: {message}", null, new CloudStatusException(code, null, message, "req-1"));

    private Dictionary<string, JsonObject> Of<T>()
        where T : ICloudResource => _all.TryGetValue(T.Kind.Path, out var kind) ? kind : _all[T.Kind.Path] = [];

    private void Plug(JsonObject port)
    {
        var wanted = (string?)port["fixed_ips"]?[0]?["ip_address"] ?? $"10.99.0.{_last}";
        if (Raw<Port>().Any(one => (string)one["network_id"]! == (string)port["network_id"]! && (string?)one["fixed_ips"]?[0]?["ip_address"] == wanted))
            throw Refusal(409, "IP address already allocated");
        port["fixed_ips"] ??= new JsonArray(new JsonObject { ["subnet_id"] = "", ["ip_address"] = wanted });
    }

    private async Task<T> ChangeAsync<T>(Func<T> change)
    {
        await Task.Delay(1);
        lock (_turn)
        {
            var dies = ++Changes >= DieAt;
            if (dies && !(DieAfter && Changes == DieAt))
                throw new TimeoutException("killed");
            var result = change();
            return dies ? throw new TimeoutException("killed") : result;
        }
    }
}
