using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using KubeLab.Engine;
using KubeLab.Engine.Flow;
using KubeLab.Engine.Machines.OpenStack.Client;
using KubeLab.Tests.Machines;
using KubeLab.Tests.Pipeline;

namespace KubeLab.Tests.OpenStack.Client;

[Collection(RealCloudCollection.Name)]
[Trait("Needs", "OpenStack")]
public sealed class RealCloudTests(RealCloud real)
{
    private static readonly CancellationToken Never = CancellationToken.None;
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(60);
    private readonly string _name = $"klt-{Guid.NewGuid():n}"[..12];

    [Fact]
    public async Task A_user_sees_the_resources_of_a_cloud()
    {
        using var cloud = await real.OpenAsync();
        Assert.Equal(("lab", "lab", "RegionOne", null), (cloud.ProjectName, cloud.UserName, cloud.Region, cloud.Volume));
        Assert.Equal(new Microversion(2, 93), await cloud.Compute.MicroversionAsync(Never));
        Assert.Equal(["m1.medium", "m1.small", "m1.tiny"], await cloud.ListAsync<Flavor>(Never).Select(one => one.Name).Order().ToListAsync());
        var image = Assert.Single(await cloud.ListAsync<Image>($"name={"Debian 12"}", Never).ToListAsync());
        Assert.Equal(("active", "debian"), (image.Status, image.Property("os_distro")));
        Assert.True(Assert.Single(await cloud.ListAsync<Network>($"router:external=true", Never).ToListAsync()).IsExternal);
        Assert.Equal(["zone-a", "zone-b"], await cloud.ListAsync<AvailabilityZone>(Never).Where(one => one.ZoneState.Available)
            .Select(one => one.ZoneName).Order().ToListAsync());
        Assert.Equal([("identity", "v3"), ("compute", "v2.1"), ("network", "v2.0"), ("image", "v2")], await cloud.ServicesAsync(Never));
        Assert.Equal(60, (await cloud.LimitsAsync(Never)).MaxInstances);
        Assert.Equal(60, (await cloud.NetworkQuotasAsync(Never))["floatingip"].Limit);
    }

    [Fact]
    public async Task A_wrong_password_and_an_unknown_project_are_CloudDenied_and_a_made_up_token_CredentialExpired()
    {
        var config = real.Files.Load("lab");
        Assert.Equal("CloudDenied", await ErrorAsync(() => ConnectAsync(config.With(new("lab", "wrong")))));
        Assert.Equal("CloudDenied", await ErrorAsync(() => ConnectAsync(config with { Project = new(null, "none") })));
        Assert.Equal("CredentialExpired", await ErrorAsync(() => ConnectAsync(config with { Login = new TokenLogin(new NetworkCredential("", "made-up")) })));
    }

    [Fact]
    public async Task An_application_credential_works_by_id_and_by_name_until_it_expires()
    {
        using var cloud = await real.OpenAsync();
        var made = await cloud.SendAsync(HttpMethod.Post, new($"{cloud.Config.AuthUrl}/users/{cloud.UserId}/application_credentials"), Encoding.UTF8.GetBytes(
            new JsonObject
            {
                ["application_credential"] = new JsonObject
                {
                    ["name"] = _name,
                    ["expires_at"] = DateTime.UtcNow.AddSeconds(6).ToString("yyyy-MM-ddTHH:mm:ss", null)
                }
            }.ToJsonString()), [], Never);
        Assert.True(made.IsSuccess, Encoding.UTF8.GetString(made.Body));
        var credential = made.Json()!["application_credential"]!;
        var secret = new NetworkCredential("", (string)credential["secret"]!);
        var byId = cloud.Config with { Login = new ApplicationCredentialLogin((string)credential["id"]!, null, null, secret) };
        (await ConnectAsync(byId)).Dispose();
        using (var byName = await ConnectAsync(cloud.Config with { Login = new ApplicationCredentialLogin(null, _name, new(null, "lab"), secret) }))
            Assert.Equal("lab", byName.ProjectName);
        await Wait.UntilAsync(async _ => await ErrorAsync(() => ConnectAsync(byId)), id => id == "CredentialExpired" ? Verdict.Ready : Verdict.Pending(id),
            new(_name, "its end", Timeout, TimeSpan.FromMilliseconds(500)), TimeProvider.System, Never);
    }

    [Fact]
    public async Task Key_pairs_are_created_listed_in_pages_and_deleted()
    {
        using var cloud = await real.OpenAsync();
        string[] names = [$"{_name}-1", $"{_name}-2", $"{_name}-3"];
        foreach (var name in names)
            await cloud.CreateAsync<KeyPair>(new
            {
                name, type = "ssh",
                public_key = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIE8Zk3h8N6ZV3mF7F2E0b7m2o2bS7Q1Zq7Yt2b6Jx0aB a@b"
            }, Never);
        Assert.Equal(names, await cloud.ListAsync<KeyPair>($"limit={1}", Never).Select(one => one.Name)
            .Where(name => name.StartsWith(_name, StringComparison.Ordinal)).ToListAsync());
        Assert.Equal("CloudConflict", await ErrorAsync(() => cloud.CreateAsync<KeyPair>(new
        {
            name = names[0],
            public_key = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIE8Zk3h8N6ZV3mF7F2E0b7m2o2bS7Q1Zq7Yt2b6Jx0aB a@b"
        }, Never)));
        foreach (var name in names)
            Assert.True(await cloud.DeleteAsync<KeyPair>(name, Never));
        Assert.False(await cloud.DeleteAsync<KeyPair>(names[0], Never));
    }

    [Fact]
    public async Task A_network_with_router_ports_and_floating_IP_is_created_tagged_and_deleted()
    {
        using var cloud = await real.OpenAsync();
        var external = await cloud.ListAsync<Network>($"router:external=true", Never).SingleAsync();
        var network = await cloud.CreateAsync<Network>(new { name = _name }, Never);
        await cloud.Network.PutAsync($"networks/{network.Id}/tags", new { tags = new[] { _name } }, Never);
        Assert.Equal(network.Id, (await cloud.ListAsync<Network>($"tags={_name}", Never).SingleAsync()).Id);
        var subnet = await cloud.CreateAsync<Subnet>(new { name = _name, network_id = network.Id, ip_version = 4, cidr = "10.99.0.0/24" }, Never);
        var router = await cloud.CreateAsync<Router>(new { name = _name, external_gateway_info = new { network_id = external.Id } }, Never);
        await cloud.Network.PutAsync($"routers/{router.Id}/add_router_interface", new { subnet_id = subnet.Id }, Never);
        var ports = await cloud.CreateManyAsync<Port>([new { network_id = network.Id, name = "1" }, new { network_id = network.Id, name = "2" }], Never);
        var group = await cloud.CreateAsync<SecurityGroup>(new { name = _name }, Never);
        Assert.Equal(2, (await cloud.CreateManyAsync<SecurityGroupRule>([.. new[] { 22, 6443 }.Select(port =>
            new { security_group_id = group.Id, direction = "ingress", protocol = "tcp", port_range_min = port, port_range_max = port })], Never)).Count);
        var floating = await cloud.CreateAsync<FloatingIp>(new { floating_network_id = external.Id, port_id = ports[0].Id }, Never);
        Assert.Equal(ports[0].Id, (await cloud.GetAsync<FloatingIp>(floating.Id, Never)).PortId);
        Assert.Equal("CloudConflict", await ErrorAsync(() => cloud.DeleteAsync<Network>(network.Id, Never)));

        Assert.True(await cloud.DeleteAsync<FloatingIp>(floating.Id, Never));
        foreach (var port in ports)
            Assert.True(await cloud.DeleteAsync<Port>(port.Id, Never));
        await cloud.Network.PutAsync($"routers/{router.Id}/remove_router_interface", new { subnet_id = subnet.Id }, Never);
        Assert.True(await cloud.DeleteAsync<Router>(router.Id, Never));
        Assert.True(await cloud.DeleteAsync<Network>(network.Id, Timeout, Never));
        Assert.True(await cloud.DeleteAsync<SecurityGroup>(group.Id, Never));
        Assert.Null(await cloud.FindAsync<Subnet>(subnet.Id, Never));
    }

    [Fact]
    public async Task A_server_is_created_stopped_and_deleted()
    {
        using var cloud = await real.OpenAsync();
        var network = await MakeNetworkAsync(cloud);
        try
        {
            var made = await cloud.CreateAsync<Server>(await SpecAsync(cloud, network), Never);
            var server = await RealCloud.UntilAsync(cloud, made.Id, "ACTIVE");
            Assert.Equal((_name, "m1.small", "v"), (server.Name, server.Flavor!.OriginalName, server.Metadata["k"]));
            Assert.Equal([made.Id], await cloud.ListAsync<Server>($"tags={_name}", Never).Select(one => one.Id).ToListAsync());
            await cloud.ActAsync(made.Id, "os-stop", null, Never);
            await RealCloud.UntilAsync(cloud, made.Id, "SHUTOFF");
            Assert.True(await cloud.DeleteAsync<Server>(made.Id, Never));
            await WaitUntilDeletedAsync(cloud, made.Id);
        }
        finally
        {
            await cloud.DeleteAsync<Network>(network, Timeout, Never);
        }
    }

    [Fact]
    public async Task More_servers_than_hosts_in_an_anti_affinity_group_become_ERROR_with_a_fault()
    {
        using var cloud = await real.OpenAsync();
        var network = await MakeNetworkAsync(cloud);
        var group = await cloud.CreateAsync<ServerGroup>(new { name = _name, policy = "anti-affinity" }, Never);
        var servers = new List<string>();
        try
        {
            for (var i = 0; i < 5; i++)
                servers.Add((await cloud.CreateServerAsync(await SpecAsync(cloud, network), group.Id, Never)).Id);
            var error = await Assert.ThrowsAsync<KlException>(() => Task.WhenAll(servers.Select(id => RealCloud.UntilAsync(cloud, id, "ACTIVE"))));
            // The message depends on whether the scheduler or the host detects it.
            Assert.Matches("No valid host|Exceeded maximum number of retries", error.Message);
        }
        finally
        {
            foreach (var id in servers)
                await cloud.DeleteAsync<Server>(id, Never);
            foreach (var id in servers)
                await WaitUntilDeletedAsync(cloud, id);
            await cloud.DeleteAsync<ServerGroup>(group.Id, Never);
            await cloud.DeleteAsync<Network>(network, Timeout, Never);
        }
    }

    [Fact]
    public async Task A_rejected_request_contains_the_services_message_and_request_id()
    {
        using var cloud = await real.OpenAsync();
        var refused = await Assert.ThrowsAsync<KlException>(() =>
            cloud.CreateAsync<Server>(new { name = _name, imageRef = Guid.Empty, flavorRef = "99", networks = "none" }, Never));
        Assert.Equal("CloudRefused", refused.ErrorId);
        Assert.StartsWith("req-", refused.Answer()!.RequestId, StringComparison.Ordinal);
        var flavor = (await cloud.ListAsync<Flavor>(Never).FirstAsync(one => one.Name == "m1.tiny")).Id;
        var image = (await cloud.ListAsync<Image>(Never).FirstAsync()).Id;
        Assert.Equal("QuotaExceeded", await ErrorAsync(() =>
            cloud.CreateAsync<Server>(new { name = _name, imageRef = image, flavorRef = flavor, networks = "none", min_count = 61 }, Never)));
        Assert.Equal("CloudForbidden", await ErrorAsync(() => cloud.Compute.GetAsync<JsonArray>($"os-aggregates", "aggregates", Never)));
    }

    [Fact]
    public void Get_KlCloud_shows_that_the_cloud_responds()
    {
        var engine = new LabEngine(FakeHosts.Up(), [], TimeProvider.System) { Clouds = new(TimeProvider.System) { Files = () => real.Files } };
        var clouds = Shell.Run("Get-KlCloud lab*", engine).Good<KlCloud>();
        Assert.Equal(["lab", "lab-admin"], clouds.Select(one => one.Name).Order());
        Assert.All(clouds, one => Assert.True(one.Answers, one.Error));
    }

    private async Task<string> MakeNetworkAsync(OpenStackCloud cloud)
    {
        var network = await cloud.CreateAsync<Network>(new { name = _name }, Never);
        await cloud.CreateAsync<Subnet>(new { network_id = network.Id, ip_version = 4, cidr = "10.98.0.0/24" }, Never);
        return network.Id;
    }

    private async Task<object> SpecAsync(OpenStackCloud cloud, string network) => new
    {
        name = _name,
        imageRef = (await cloud.ListAsync<Image>($"name={"Debian 12"}", Never).SingleAsync()).Id,
        flavorRef = (await cloud.ListAsync<Flavor>(Never).FirstAsync(one => one.Name == "m1.small")).Id,
        networks = new[] { new { uuid = network } },
        metadata = new { k = "v" },
        tags = new[] { _name },
    };

    private static Task<Server?> WaitUntilDeletedAsync(OpenStackCloud cloud, string id) => Wait.UntilAsync(stop => cloud.FindAsync<Server>(id, stop),
        server => server is null ? Verdict.Ready : Verdict.Pending(server.Status), new(id, "its end", Timeout, TimeSpan.FromMilliseconds(200)),
        TimeProvider.System, Never);

    private static Task<OpenStackCloud> ConnectAsync(CloudConfig config) => OpenStackCloud.ConnectAsync(config, TimeProvider.System, Never);

    private static async Task<string> ErrorAsync(Func<Task> work)
    {
        try
        {
            await work();
            return "";
        }
        catch (KlException error)
        {
            return error.ErrorId;
        }
    }
}
