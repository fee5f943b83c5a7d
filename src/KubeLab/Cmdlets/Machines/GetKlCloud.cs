using System.Collections;
using System.Management.Automation;
using System.Management.Automation.Language;
using KubeLab.Engine;
using KubeLab.Engine.Flow;
using KubeLab.Pipeline;

namespace KubeLab.Cmdlets.Machines;

/// <summary>Shows the OpenStack clouds that are configured, and whether they answer.</summary>
/// <remarks>They are read as every OpenStack tool reads them: clouds.yaml and secure.yaml in the current folder, ~/.config/openstack or /etc/openstack;
/// OS_CLIENT_CONFIG_FILE names another file. The variables OS_AUTH_URL, OS_USERNAME and so on make a cloud called envvars.</remarks>
/// <example><summary>All clouds.</summary><code>Get-KlCloud</code></example>
/// <example><summary>Why one does not answer.</summary><code>(Get-KlCloud lab).Error</code></example>
/// <example><summary>A password that is in no file.</summary><code>Get-KlCloud lab -Credential (Get-Credential)</code></example>
[Cmdlet(VerbsCommon.Get, "KlCloud")]
[OutputType(typeof(KlCloud))]
public sealed class GetKlCloud : KlCmdlet
{
    private const int AtOnce = 8;

    /// <summary>Names of clouds; wildcards are welcome. All where it is not given.</summary>
    [Parameter(Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [Alias("Cloud")]
    [ArgumentCompleter(typeof(CloudCompleter))]
    [SupportsWildcards]
    public string[] Name { get; set; } = ["*"];

    /// <summary>User and password in place of those configured. Where the cloud lets them in, all cmdlets of this session use them for it.</summary>
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
                    // Says what there is, and where it was looked for.
                    Engine.Clouds.Files().Load(name);
                await foreach (var (_, cloud, _) in Fleet.RunAsync(names, (one, token) => Engine.Clouds.CheckAsync(one, token, credential), AtOnce, stop))
                    Write(cloud);
            });
    }
}

/// <summary>Completes the names of clouds, from the files alone.</summary>
public sealed class CloudCompleter : IArgumentCompleter
{
    /// <inheritdoc/>
    public IEnumerable<CompletionResult> CompleteArgument(
        string commandName, string parameterName, string wordToComplete, CommandAst commandAst, IDictionary fakeBoundParameters)
    {
        try
        {
            return Completions.Of(LabEngine.Shared.Clouds.Names(), wordToComplete);
        }
        catch (KlException)
        {
            // A file that cannot be read is no reason to disturb someone who types.
            return [];
        }
    }
}
