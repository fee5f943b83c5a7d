using System.Management.Automation;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using KubeLab.Engine.Flow;
using KubeLab.Engine.Machines.OpenStack.Client;
using KubeLab.Tests.OpenStack.Client;
using KubeLab.Tests.Pipeline;

namespace KubeLab.Tests.OpenStack;

/// <summary>Invalid input for New-KlVm with a real control plane: one clear error, and everything created can be removed.</summary>
[Collection(RealCloudCollection.Name), Trait("Needs", "OpenStack")]
public sealed class RealCloudBadInputTests(RealCloud real)
{
    private const string Two = "New-KlVm -Name kubernetes -Cloud lab -Count 2 -Image 'Debian 12' -Flavor m1.tiny -FloatingIp";
    private static readonly CancellationToken Never = CancellationToken.None;

    [Fact]
    public async Task A_cloud_that_rejects_the_login_is_one_error_and_nothing_is_created()
    {
        await using var project = await CloudProject.CreateAsync(real);
        var before = await project.ResourcesAsync();
        var nowhere = new CloudFiles("/nowhere", name => name == "HOME" ? "/nowhere" : null);
        Assert.Contains("/nowhere/.config/openstack", RunWithError(project, "CloudNotConfigured", Two, nowhere).Message, StringComparison.Ordinal);
        Assert.Contains("lab", RunWithError(project, "CloudNotConfigured", Two.Replace("-Cloud lab", "-Cloud other", StringComparison.Ordinal)).Message,
            StringComparison.Ordinal);

        using var wrong = new System.Security.SecureString();
        wrong.AppendChar('x');
        var engine = project.NewSession();
        var credential = new Dictionary<string, object?> { ["Wrong"] = new PSCredential("somebody", wrong) };
        Assert.Contains("somebody", RunWithError("CloudDenied", Shell.Run($"{Two} -Credential $Wrong", engine, credential)).Message, StringComparison.Ordinal);
        // A rejected credential is not kept.
        Assert.True(Assert.Single(Shell.Run("Get-KlCloud lab", engine).Good<KlCloud>()).Answers);

        RunWithError(project, "CredentialExpired", Two, await ExpiredAsync(project));
        Assert.Contains("http://127.0.0.1:1", RunWithError(project, "CloudUnreachable", Two, await ThroughAsync(project, "network", "http://127.0.0.1:1"))
            .Message,
            StringComparison.Ordinal);
        Assert.Contains("RegionOne", RunWithError(project, "RegionNotFound", Two, Changed(project, "RegionOne", "RegionTwo")).Message,
            StringComparison.Ordinal);
        Assert.Contains("http://127.0.0.1:1", RunWithError(project, "CloudUnreachable", Two,
            Changed(project, project.Admin.Config.AuthUrl.AbsoluteUri, "http://127.0.0.1:1/v3")).Message, StringComparison.Ordinal);
        using var certificate = Certificate();
        await using var front = await Client.FakeCloud.StartAsync(certificate);
        Assert.Contains("cacert", RunWithError(project, "CertificateUnknown", Two,
            Changed(project, project.Admin.Config.AuthUrl.AbsoluteUri, front.Url + "/identity/v3")).NextStep, StringComparison.Ordinal);

        Assert.Equal(before, await project.ResourcesAsync());
        Assert.Empty(Shell.Run("Get-KlVm", project.NewSession()).Good<Machine>());
    }

    [Fact]
    public async Task A_missing_resource_is_one_error_and_nothing_is_created()
    {
        await using var project = await CloudProject.CreateAsync(real);
        using var cloud = await OpenAsync(project);
        await File.WriteAllTextAsync(Path.Combine(project.Root, "image"), "nothing that boots");
        await project.OpenStackAsync("image create --file image --min-disk 100 Large");
        project.Afterwards.Push(() => project.OpenStackAsync("image delete Large"));
        var other = await ExternalAsync(project);
        var server = await cloud.CreateServerAsync(new
        {
            name = "taken-2",
            imageRef = (await cloud.ListAsync<Image>($"name={"Debian 12"}", Never).SingleAsync()).Id, flavorRef = "1", networks = "none"
        }, null, Never);
        project.Afterwards.Push(() => project.Admin.DeleteAsync<Server>(server.Id, Never));
        await RealCloud.UntilAsync(cloud, server.Id, "ACTIVE");
        var before = await project.ResourcesAsync();

        Assert.Contains("Debian 12", RunWithError(project, "ImageNotFound", Two.Replace("Debian 12", "Debain 12", StringComparison.Ordinal)).NextStep,
            StringComparison.Ordinal);
        Assert.Contains("m1.tiny", RunWithError(project, "FlavorNotFound", Two.Replace("m1.tiny", "m1.tine", StringComparison.Ordinal)).NextStep,
            StringComparison.Ordinal);
        Assert.Contains(other.Name, RunWithError(project, "ExternalNetworkAmbiguous", Two).Message, StringComparison.Ordinal);
        var choosing = Two + " -ExternalNetwork public";
        Assert.Contains("100 GiB", RunWithError(project, "FlavorTooSmall", choosing.Replace("Debian 12", "Large", StringComparison.Ordinal)).Message,
            StringComparison.Ordinal);
        Assert.Contains("zone-a", RunWithError(project, "ZoneNotFound", choosing + " -AvailabilityZone zone-a, zone-c").NextStep, StringComparison.Ordinal);
        RunWithError(project, "CloudServiceNotFound", choosing + " -BootVolumeGB 20");
        RunWithError(project, "NetworkNotFound", choosing + " -Network none");
        RunWithError(project, "KeyPairNotFound", choosing + " -KeyName none");
        RunWithError(project, "SubnetOverlaps", choosing + " -Subnet 10.244.8.0/24");
        RunWithError(project, "SubnetTooSmall", choosing + " -Subnet 10.80.0.0/29");
        // A server with the name of a machine but without its metadata is never changed, neither by creation nor by removal.
        Assert.Equal("taken-2", RunWithError(project, "NameTaken", choosing.Replace("-Name kubernetes", "-Name taken", StringComparison.Ordinal)).Target);
        Assert.StartsWith("MachineNotFound,", Assert.Single(Shell.Run("Remove-KlVm taken-2 -Confirm:$false", project.NewSession()).Errors)
            .FullyQualifiedErrorId, StringComparison.Ordinal);

        Assert.Equal(before, await project.ResourcesAsync());
    }

    [Fact]
    public async Task All_quota_shortages_are_reported_and_nothing_is_created()
    {
        await using var project = await CloudProject.CreateAsync(real);
        var before = await project.ResourcesAsync();
        await project.Admin.Compute.PutAsync($"os-quota-sets/{project.Id}", new { quota_set = new { instances = 2, cores = 3, ram = 1000 } }, Never);
        await project.Admin.Network.PutAsync($"quotas/{project.Id}", new { quota = new { floatingip = 1, port = 3 } }, Never);
        var error = RunWithError(project, "QuotaShort", Two.Replace("-Count 2", "-Count 4", StringComparison.Ordinal));
        Assert.Contains("instances: 4 requested, 0 of 2 in use, 2 missing; cores: 4 requested, 0 of 3 in use, 1 missing; RAM (MiB): 2048 requested, 0 of "
            + "1000 in use, 1048 missing; "
            + "ports: 5 requested, 0 of 3 in use, 2 missing; floating IPs: 4 requested, 0 of 1 in use, 3 missing", error.Message, StringComparison.Ordinal);
        Assert.Equal(before, await project.ResourcesAsync());
    }

    [Fact]
    public async Task A_failure_during_creation_is_reported_and_everything_created_is_removed()
    {
        await using var project = await CloudProject.CreateAsync(real);
        // Two addresses: one for the router, one for a machine.
        var small = await ExternalAsync(project);
        var before = await project.ResourcesAsync();

        // No host is large enough. Nova has such a server in another cell, whose faults are not in its lists.
        var huge = $"huge-{project.Id[..6]}";
        await project.Admin.Compute.PostAsync($"flavors", new { flavor = new { id = huge, name = huge, ram = 512, vcpus = 1, disk = 1_000_000 } }, Never);
        project.Afterwards.Push(() => project.Admin.DeleteAsync<Flavor>(huge, Never));
        var one = Two.Replace("-Count 2", "", StringComparison.Ordinal).Replace("m1.tiny", huge, StringComparison.Ordinal);
        Assert.Contains("No valid host", RunWithError(project, "ServerFailed", $"{one} -ExternalNetwork public").Message, StringComparison.Ordinal);
        await WaitUntilRemovedAsync(project, before);

        // More servers than hosts. Nova may reject both servers that reach the same host at the same time.
        var run = Shell.Run(Two.Replace("-Count 2", "-Count 5", StringComparison.Ordinal)
            + " -ExternalNetwork public -ServerGroup anti-affinity", project.NewSession());
        Assert.Equal(5, run.Output.Count + run.Errors.Count);
        Assert.NotEmpty(run.Output);
        Assert.NotEmpty(run.Errors);
        foreach (var record in run.Errors)
        {
            var failed = CheckError("ServerFailed", record);
            Assert.True(Regex.IsMatch(failed.Message, "No valid host|Exceeded maximum number of retries"), failed.Message);
            Assert.Contains(failed.Target, failed.NextStep, StringComparison.Ordinal);
            Assert.Equal("Error", Assert.Single(Shell.Run("Get-KlVm", project.NewSession()).Good<Machine>(), one => one.Name == failed.Target).State);
        }
        await WaitUntilRemovedAsync(project, before);

        run = Shell.Run($"{Two} -ExternalNetwork {small.Name}", project.NewSession());
        Assert.Single(run.As<Machine>());
        var empty = CheckError("FloatingIpNotAssigned", run);
        Assert.Contains("No more IP addresses", empty.Message, StringComparison.Ordinal);
        Assert.Equal(["Running", "Running"], Shell.Run("Get-KlVm", project.NewSession()).Good<Machine>().Select(one => one.State));
        await WaitUntilRemovedAsync(project, before);

        // The external network's own subnet, which Neutron knows and this project may not see.
        RunWithError(project, "SubnetOverlaps", $"{Two} -ExternalNetwork public -Subnet 203.0.113.0/25");
        if (Shell.Run("Get-KlVm", project.NewSession()).Good<Machine>().Count > 0)
            await WaitUntilRemovedAsync(project, before);
        Assert.Equal(before, await project.ResourcesAsync());
    }

    [Fact]
    public async Task After_Ctrl_C_everything_created_is_listed_and_can_be_removed()
    {
        await using var project = await CloudProject.CreateAsync(real);
        var before = await project.ResourcesAsync();
        foreach (var moment in new[] { "created the security group", "created the network", "created at" })
        {
            var run = Shell.Run(Two, project.NewSession(), meanwhile: shell => Shell.StopAtAsync(shell, moment));
            Assert.Contains(run.Verbose.Concat(run.Debug), line => line.Contains(moment, StringComparison.Ordinal));
            Assert.Empty(run.Output);
            Assert.Empty(run.Errors);
            Assert.NotEmpty(Shell.Run("Get-KlVm", project.NewSession()).Good<Machine>());
            await WaitUntilRemovedAsync(project, before);
        }
    }

    [Fact]
    public async Task Names_in_the_cloud_are_completed()
    {
        await using var project = await CloudProject.CreateAsync(real);
        using var cloud = await OpenAsync(project);
        await cloud.CreateAsync<KeyPair>(new
        {
            name = "mine",
            public_key = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIE8Zk3h8N6ZV3mF7F2E0b7m2o2bS7Q1Zq7Yt2b6Jx0aB a@b"
        }, Never);
        var own = await cloud.CreateAsync<Network>(new { name = "inner" }, Never);
        project.Afterwards.Push(() => project.Admin.DeleteAsync<Network>(own.Id, Never));
        var session = project.NewSession();
        string[] Of(string typed) =>
            [.. Shell.Run($"(TabExpansion2 'New-KlVm x -Cloud lab {typed}' {typed.Length + 22}).CompletionMatches.CompletionText", session).Good<string>()];
        Assert.Contains("'Debian 12'", Of("-Image "));
        Assert.Equal(["m1.medium", "m1.small", "m1.tiny"], Of("-Flavor m1"));
        Assert.Equal(["inner"], Of("-Network "));
        Assert.Equal(["public"], Of("-ExternalNetwork pub"));
        Assert.Equal(["zone-a", "zone-b"], Of("-AvailabilityZone zone"));
        Assert.Equal(["mine"], Of("-KeyName "));
        Assert.Equal(["lab"], [.. Shell.Run("(TabExpansion2 'New-KlVm x -Cloud l' 19).CompletionMatches.CompletionText", session).Good<string>()]);
    }

    /// <summary>Runs a script that must fail with one error that has a next step, and must output no machine.</summary>
    private static KlException RunWithError(CloudProject project, string errorId, string script, CloudFiles? files = null) =>
        RunWithError(errorId, Shell.Run(script, project.NewSession(files)));

    private static KlException RunWithError(string errorId, ShellResult run)
    {
        Assert.Empty(run.Output);
        return CheckError(errorId, run);
    }

    private static KlException CheckError(string errorId, ShellResult run) => CheckError(errorId, Assert.Single(run.Errors));

    private static KlException CheckError(string errorId, ErrorRecord error)
    {
        Assert.True(error.FullyQualifiedErrorId.StartsWith(errorId + ",", StringComparison.Ordinal), $"{error.FullyQualifiedErrorId}: {error}");
        Assert.NotEmpty(error.ErrorDetails.RecommendedAction);
        return Assert.IsType<KlException>(error.Exception);
    }

    private static async Task WaitUntilRemovedAsync(CloudProject project, IReadOnlyList<string> before)
    {
        Assert.Empty(Shell.Run("Get-KlVm | Remove-KlVm -Confirm:$false", project.NewSession()).Good<object>());
        Assert.Equal(before, await project.ResourcesAsync());
    }

    private static Task<OpenStackCloud> OpenAsync(CloudProject project) => OpenStackCloud.ConnectAsync(project.Files.Load("lab"), TimeProvider.System, Never);

    private static async Task<CloudFiles> ThroughAsync(CloudProject project, string service, string address) =>
        Named(await project.ThroughAsync(new Dictionary<string, string> { [service] = address }));

    private static CloudFiles Named(string file) => new("/", name => name == "OS_CLIENT_CONFIG_FILE" ? file : null);

    /// <summary>The project's clouds.yaml with a replaced text.</summary>
    private static CloudFiles Changed(CloudProject project, string from, string to, string secure = "")
    {
        var folder = Directory.CreateDirectory(Path.Combine(project.Root, Guid.NewGuid().ToString("n"))).FullName;
        var text = File.ReadAllText(project.CloudsFile);
        Assert.Contains(from, text, StringComparison.Ordinal);
        File.WriteAllText(Path.Combine(folder, "clouds.yaml"), text.Replace(from, to, StringComparison.Ordinal));
        File.WriteAllText(Path.Combine(folder, "secure.yaml"), secure.Length > 0 ? secure : File.ReadAllText(Path.Combine(project.Root, "secure.yaml")));
        return Named(Path.Combine(folder, "clouds.yaml"));
    }

    /// <summary>A cloud with an application credential that was deleted.</summary>
    private static async Task<CloudFiles> ExpiredAsync(CloudProject project)
    {
        using var cloud = await OpenAsync(project);
        var body = new JsonObject
        {
            ["application_credential"] = new JsonObject
            {
                ["name"] = "short",
                ["expires_at"] = DateTime.UtcNow.AddSeconds(8).ToString("yyyy-MM-ddTHH:mm:ss", null)
            }
        };
        var made = await cloud.SendAsync(HttpMethod.Post, new($"{cloud.Config.AuthUrl}/users/{cloud.UserId}/application_credentials"),
            Encoding.UTF8.GetBytes(body.ToJsonString()), [], Never);
        Assert.True(made.IsSuccess, Encoding.UTF8.GetString(made.Body));
        var credential = made.Json()!["application_credential"]!;
        var files = Changed(project, "      username:", $"      application_credential_id: {(string)credential["id"]!}\n      username:",
            $"clouds: {{lab: {{auth: {{application_credential_secret: '{(string)credential["secret"]!}'}}}}}}");
        Assert.IsType<ApplicationCredentialLogin>(files.Load("lab").Login);
        using var clouds = new Clouds(TimeProvider.System) { Files = () => files };
        await Wait.UntilAsync(stop => clouds.CheckAsync("lab", stop), one => one.Answers ? Verdict.Pending("it is good yet.") : Verdict.Ready,
            new("short", "its end", TimeSpan.FromMinutes(1), TimeSpan.FromMilliseconds(500)), TimeProvider.System, Never);
        return files;
    }

    /// <summary>An external network with two addresses that other projects do not see as external.</summary>
    private static async Task<Network> ExternalAsync(CloudProject project)
    {
        var made = await project.Admin.CreateAsync<Network>(new { name = $"outer-{project.Id[..6]}" }, Never);
        project.Afterwards.Push(() => project.Admin.DeleteAsync<Network>(made.Id, Never));
        await project.Admin.CreateAsync<Subnet>(new
        {
            network_id = made.Id, ip_version = 4, cidr = "198.51.100.0/29", gateway_ip = "198.51.100.1", enable_dhcp = false,
            allocation_pools = new[] { new { start = "198.51.100.2", end = "198.51.100.3" } },
        }, Never);
        await project.Admin.Network.PostAsync($"rbac-policies",
            new { rbac_policy = new { object_type = "network", object_id = made.Id, action = "access_as_external", target_tenant = project.Id } }, Never);
        return made;
    }

    private static X509Certificate2 Certificate()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        return new CertificateRequest("CN=cloud", key, HashAlgorithmName.SHA256)
            .CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
    }
}
