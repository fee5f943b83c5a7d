using System.Diagnostics;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using CliWrap;
using CliWrap.Buffered;
using KubeLab.Engine;
using KubeLab.Engine.Machines;
using KubeLab.Engine.Machines.OpenStack;
using KubeLab.Engine.Machines.OpenStack.Client;
using KubeLab.Tests.Machines;
using KubeLab.Tests.OpenStack.Client;
using KubeLab.Tests.Pipeline;

namespace KubeLab.Tests.OpenStack;

/// <summary>A test's own project and user in the lab's OpenStack. No other test changes its resources or key pairs.</summary>
/// <remarks>It is the cloud "lab" in the clouds.yaml of a temporary folder.</remarks>
internal sealed class CloudProject : IAsyncDisposable
{
    private static readonly string[] Kinds = ["server", "port", "network", "subnet", "router", "floating ip", "security group",
        "keypair", "server group", "catalog"];
    private readonly Folder _folder = new();
    private readonly OpenStackCloud _admin;
    private readonly string _name = $"klt-{Guid.NewGuid():n}"[..12];
    private string _project = "", _user = "";

    private CloudProject(OpenStackCloud admin) => _admin = admin;

    /// <summary>The folder for keys and kubeconfigs of sessions and processes.</summary>
    public string Root => _folder.Path;

    /// <summary>Its clouds.yaml. secure.yaml is in the same folder.</summary>
    public string CloudsFile => Path.Combine(Root, "clouds.yaml");

    /// <summary>The project's ID.</summary>
    public string Id => _project;

    /// <summary>The cloud with administrator rights.</summary>
    public OpenStackCloud Admin => _admin;

    /// <summary>Undo actions for the disposal, run in reverse order.</summary>
    public Stack<Func<Task>> Afterwards { get; } = [];

    /// <summary>The configuration for a user of the project.</summary>
    public CloudFiles Files => new("/", name => name == "OS_CLIENT_CONFIG_FILE" ? CloudsFile : null);

    /// <summary>Creates the project and a user with the role member.</summary>
    public static async Task<CloudProject> CreateAsync(RealCloud real)
    {
        var project = new CloudProject(await real.OpenAsync("lab-admin"));
        var password = Guid.NewGuid().ToString("n");
        project._project = await project.CreateAsync("project", new() { ["name"] = project._name, ["domain_id"] = "default" });
        project._user = await project.CreateAsync("user", new() { ["name"] = project._name, ["domain_id"] = "default", ["password"] = password });
        var role = (string)(await project.AskAsync(HttpMethod.Get, "roles?name=member"))["roles"]![0]!["id"]!;
        await project.AskAsync(HttpMethod.Put, $"projects/{project._project}/users/{project._user}/roles/{role}");
        await project.ConfigureAsync(project.CloudsFile, password);
        return project;
    }

    /// <summary>Writes another clouds.yaml for the same project with different service URLs.</summary>
    /// <returns>The path of the file.</returns>
    public async Task<string> ThroughAsync(IReadOnlyDictionary<string, string> services)
    {
        var file = Path.Combine(Directory.CreateDirectory(Path.Combine(Root, "through")).FullName, "clouds.yaml");
        await ConfigureAsync(file, ((PasswordLogin)Files.Load("lab").Login).Secret!.Password, services);
        return file;
    }

    /// <summary>A session with the same knowledge as a new process.</summary>
    /// <param name="files">The cloud configuration. Default: the project's own.</param>
    public LabEngine NewSession(CloudFiles? files = null)
    {
        var clouds = new Clouds(TimeProvider.System) { Files = () => files ?? Files };
        return new(FakeHosts.Up(), [new OpenStackProvider(clouds, Path.Combine(Root, "kubelab", ".openstack"), TimeProvider.System)], TimeProvider.System)
        { Clouds = clouds };
    }

    /// <summary>Starts a pwsh with a script, as the user of this project.</summary>
    /// <param name="script">Runs after the module is imported. Every error ends it.</param>
    /// <param name="cloudsFile">The clouds.yaml for the process.</param>
    /// <param name="path">The value of PATH.</param>
    public Process Start(string script, string? cloudsFile = null, string? path = null)
    {
        var environment = Environment.GetEnvironmentVariables().Keys.Cast<string>().Where(name => name.StartsWith("OS_", StringComparison.Ordinal))
            .ToDictionary(name => name, _ => (string?)null);
        environment["OS_CLIENT_CONFIG_FILE"] = cloudsFile ?? CloudsFile;
        environment["XDG_DATA_HOME"] = Root;
        environment["KUBECONFIG"] = Path.Combine(Root, "kubeconfig");
        if (path is not null)
            environment["PATH"] = path;
        return ShellProcess.Start(script, environment);
    }

    /// <summary>Runs a script in its own process until it exits.</summary>
    public async Task<ShellExit> RunAsync(string script, string? path = null)
    {
        using var process = Start(script, path: path);
        return await ShellProcess.EndAsync(process);
    }

    /// <summary>Lists all resources of the project with OpenStack's own client: kind and line. Without Cinder, there are no volumes, so the catalog
    /// is listed instead.</summary>
    public async Task<IReadOnlyList<string>> ResourcesAsync()
    {
        var lists = Lists(await OpenStackAsync([.. Kinds.Select(kind => $"{kind} list -f json")]));
        Assert.True(lists.Count == Kinds.Length, $"{lists.Count} lists");
        Assert.Contains(lists[^1], service => (string?)service!["Type"] == "network");
        return [.. Kinds.Zip(lists, (kind, list) => list.Select(one => $"{kind}: {one!.ToJsonString()}")).SelectMany(all => all)
            .Order(StringComparer.Ordinal)];
    }

    /// <summary>Runs commands of OpenStack's own client as a user of the project.</summary>
    public async Task<string> OpenStackAsync(params string[] commands)
    {
        var seen = await Cli.Wrap("openstack").WithEnvironmentVariables(set => set.Set("OS_CLIENT_CONFIG_FILE", CloudsFile)
                .Set("OS_CLIENT_SECURE_FILE", Path.Combine(Root, "secure.yaml")).Set("OS_CLOUD", "lab"))
            .WithWorkingDirectory(Root).WithStandardInputPipe(PipeSource.FromString(string.Concat(commands.Select(command => command + "\n"))))
                .ExecuteBufferedAsync();
        Assert.Equal("", seen.StandardError);
        return seen.StandardOutput;
    }

    /// <summary>Counts the additional resources of a kind.</summary>
    public static int More(string kind, IReadOnlyList<string> before, IReadOnlyList<string> after) =>
        after.Count(one => one.StartsWith(kind + ": ", StringComparison.Ordinal)) - before.Count(one => one.StartsWith(kind + ": ", StringComparison.Ordinal));

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        try
        {
            // Resources of a failed test would block others: addresses and capacity on the hosts.
            Shell.Run("Get-KlVm | Remove-KlVm -Confirm:$false", NewSession());
            while (Afterwards.TryPop(out var undo))
                await undo();
            await foreach (var group in _admin.ListAsync<SecurityGroup>($"project_id={_project}", default))
                await _admin.DeleteAsync<SecurityGroup>(group.Id, default);
        }
        catch (KlException)
        {
            // The test has already reported the failure.
        }
        // Deleting the user would also delete the credential, and in SQLite leave its roles to the next credential with the same number.
        var credentials = $"users/{_user}/application_credentials";
        foreach (var one in (await AskAsync(HttpMethod.Get, credentials))["application_credentials"]!.AsArray())
            await AskAsync(HttpMethod.Delete, $"{credentials}/{(string)one!["id"]!}");
        await AskAsync(HttpMethod.Delete, $"users/{_user}");
        await AskAsync(HttpMethod.Delete, $"projects/{_project}");
        _admin.Dispose();
        _folder.Dispose();
    }

    private async Task ConfigureAsync(string file, string password, IReadOnlyDictionary<string, string>? services = null)
    {
        await File.WriteAllTextAsync(file, $"""
            clouds:
              lab:
                auth:
                  auth_url: {_admin.Config.AuthUrl}
                  username: {_name}
                  project_name: {_name}
                  user_domain_name: Default
                  project_domain_name: Default
                region_name: {_admin.Region}
            {string.Concat((services ?? new Dictionary<string, string>()).Select(one => $"    {one.Key}_endpoint_override: {one.Value}\n"))}
            """);
        var secure = Path.Combine(Path.GetDirectoryName(file)!, "secure.yaml");
        await PrivateFile.WriteAsync(secure, $"clouds:\n  lab:\n    auth:\n      password: \"{password}\"\n", default);
    }

    private async Task<string> CreateAsync(string one, JsonObject body) =>
        (string)(await AskAsync(HttpMethod.Post, one + "s", new() { [one] = body }))[one]!["id"]!;

    private async Task<JsonObject> AskAsync(HttpMethod method, string path, JsonObject? body = null)
    {
        var answer = await _admin.SendAsync(method, new($"{_admin.Config.AuthUrl}/{path}"), body is null ? null
            : Encoding.UTF8.GetBytes(body.ToJsonString()), [], default);
        Assert.True(answer.IsSuccess, Encoding.UTF8.GetString(answer.Body));
        return answer.Json() as JsonObject ?? [];
    }

    /// <summary>The JSON arrays in an output, concatenated.</summary>
    private static List<JsonArray> Lists(string text)
    {
        var lists = new List<JsonArray>();
        var reader = new Utf8JsonReader(Encoding.UTF8.GetBytes(text), new JsonReaderOptions { AllowMultipleValues = true });
        while (reader.Read())
            lists.Add(JsonNode.Parse(ref reader)!.AsArray());
        return lists;
    }
}
