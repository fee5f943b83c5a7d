using System.Management.Automation;
using KubeLab.Engine.Flow;
using KubeLab.Pipeline;

namespace KubeLab.Cmdlets.Machines;

/// <summary>Gets the configured OpenStack clouds and their availability.</summary>
/// <remarks>Reads the same configuration as every OpenStack tool: clouds.yaml and secure.yaml in the current folder, ~/.config/openstack or
/// /etc/openstack. OS_CLIENT_CONFIG_FILE specifies another file. OS_AUTH_URL, OS_USERNAME and the other OS_ variables define a cloud named envvars.</remarks>
/// <example>Get all clouds
/// <code>Get-KlCloud</code></example>
/// <example>Find out why a cloud is unavailable
/// <code>(Get-KlCloud lab).Error</code></example>
/// <example>Use a password that is not stored in a file
/// <code>Get-KlCloud lab -Credential (Get-Credential)</code></example>
[Cmdlet(VerbsCommon.Get, "KlCloud")]
[OutputType(typeof(KlCloud))]
public sealed class GetKlCloud : KlCmdlet
{
    private const int AtOnce = 8;

    /// <summary>Names of clouds. Wildcards are permitted. Default: all clouds.</summary>
    [Parameter(Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [Alias("Cloud")]
    [ArgumentCompleter(typeof(CloudCompleter))]
    [SupportsWildcards]
    public string[] Name { get; set; } = ["*"];

    /// <summary>User name and password that replace the configured ones. After a successful login, all cmdlets of this session use them for the
    /// cloud.</summary>
    [Parameter]
    [Credential]
    public PSCredential? Credential { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        var credential = Credential?.GetNetworkCredential();
        foreach (var name in Name)
            Start(name, async (_, stop) =>
            {
                var all = Engine.Clouds.Names();
                var names = all.Where(WildcardPattern.Get(name, WildcardOptions.IgnoreCase).IsMatch).ToList();
                if (names.Count == 0 && (all.Count == 0 || !WildcardPattern.ContainsWildcardCharacters(name)))
                    // Throws an error that lists the configured clouds and the files that were read.
                    Engine.Clouds.Files().Load(name);
                await foreach (var (_, cloud, _) in Fleet.RunAsync(names, (one, token) => Engine.Clouds.CheckAsync(one, token, credential), AtOnce, stop))
                    Write(cloud);
            });
    }
}
