using CliWrap;
using CliWrap.Buffered;
using KubeLab.Engine.Machines.OpenStack.Client;
using KubeLab.Tests.Pipeline;
using YamlDotNet.Serialization;
using YamlDotNet.Serialization.NamingConventions;

namespace KubeLab.Tests.OpenStack.Client;

/// <summary>KubeLab and openstacksdk parse the same clouds alike (CloudCases.yaml).</summary>
public sealed class CloudOracleTests : IDisposable
{
    private static readonly string Folder = Path.Combine(Repository.Root, "tests", "KubeLab.Tests", "OpenStack", "Client");

    private static readonly Dictionary<string, Case> All = new DeserializerBuilder().WithNamingConvention(CamelCaseNamingConvention.Instance).Build()
        .Deserialize<List<Case>>(File.ReadAllText(Path.Combine(Folder, "CloudCases.yaml"))).ToDictionary(one => one.Name);

    private readonly CloudHome _home = new();

    public static TheoryData<string> Names => [.. All.Keys];

    public void Dispose() => _home.Dispose();

    [Theory, MemberData(nameof(Names))]
    public void A_cloud_is_parsed_like_openstacksdk_does(string name)
    {
        var about = All[name];
        foreach (var (path, text) in about.Files)
            _home.WriteAt(path, text);
        foreach (var (variable, value) in about.Env)
            _home.Variables[variable] = value.Replace("~", _home.Root, StringComparison.Ordinal);
        Assert.Equal(about.Expected, Describe(about.Cloud).Replace(_home.Root, "~", StringComparison.Ordinal));
    }

    [Fact, Trait("Needs", "OpenStack")]
    public async Task openstacksdk_still_parses_the_cases_as_recorded()
    {
        var result = await Cli.Wrap("/usr/bin/python3").WithArguments([Path.Combine(Folder, "cloud_oracle.py"), Path.Combine(Folder, "CloudCases.yaml")])
            .ExecuteBufferedAsync();
        Assert.Equal(All.Values.Select(one => $"{one.Name}: {one.Expected}"), result.StandardOutput.Split('\n', StringSplitOptions.RemoveEmptyEntries));
    }

    private string Describe(string? name)
    {
        try
        {
            var cloud = _home.Load(name);
            var (user, secret) = cloud.Login switch
            {
                PasswordLogin login => (Format(login.User), login.Secret?.Password ?? "None"),
                ApplicationCredentialLogin login => (login.Id, login.Secret.Password),
                var login => ("-", ((TokenLogin)login).Secret.Password),
            };
            var services = string.Join(' ', new[] { "compute", "network", "volumev3" }.Select(service => Service(cloud, service)));
            var certificate = cloud.CertificateFile is null ? "None" : string.Join('+', new[] { cloud.CertificateFile, cloud.KeyFile }.OfType<string>());
            return $"{cloud.Name} {cloud.AuthUrl.OriginalString} {user} {secret} {Format(cloud.Project)} {services} "
                + $"{(cloud.Verify ? cloud.CaFile ?? "True" : "False")} {certificate}";
        }
        catch (KlException error)
        {
            Assert.NotNull(error.NextStep);
            return "error";
        }
    }

    private static string Format(CloudIdentity? one) => one?.Id ?? (one is null ? "-" : $"{one.Name}@{one.DomainId ?? one.DomainName ?? "-"}");

    private static string Service(CloudConfig cloud, string service)
    {
        string[] types = service == "volumev3" ? ["block_storage", "volumev3", "volume"] : [service];
        T? Own<T>(IReadOnlyDictionary<string, T> settings)
            where T : class => types.Select(type => settings.GetValueOrDefault(type)).FirstOrDefault(one => one is not null);
        return $"{Own(cloud.Regions) ?? cloud.Region}/{Own(cloud.Interfaces) ?? cloud.Interface}/{Own(cloud.Endpoints)?.OriginalString ?? "-"}";
    }

    private sealed class Case
    {
        public string Name { get; init; } = "";

        public Dictionary<string, string> Files { get; init; } = [];

        public Dictionary<string, string> Env { get; init; } = [];

        public string? Cloud { get; init; }

        public string Expected { get; init; } = "";
    }
}
