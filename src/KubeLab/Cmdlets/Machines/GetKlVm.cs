using System.Management.Automation;
using KubeLab.Pipeline;

namespace KubeLab.Cmdlets.Machines;

/// <summary>Gets machines and their current state.</summary>
/// <example>Get all machines
/// <code>Get-KlVm</code></example>
/// <example>Get the machines of the lab kubernetes
/// <code>Get-KlVm kubernetes</code></example>
/// <example>Get the second machine of each lab
/// <code>Get-KlVm *-2</code></example>
[Cmdlet(VerbsCommon.Get, "KlVm")]
[OutputType(typeof(Machine))]
public sealed class GetKlVm : KlCmdlet
{
    /// <summary>Names of machines or labs. Wildcards are permitted. Default: all machines.</summary>
    [Parameter(Position = 0, ValueFromPipelineByPropertyName = true)]
    [ArgumentCompleter(typeof(MachineCompleter))]
    [SupportsWildcards]
    public string[] Name { get; set; } = ["*"];

    /// <summary>The provider of the machines. Default: all providers.</summary>
    [Parameter]
    [ArgumentCompleter(typeof(ProviderCompleter))]
    public string? Provider { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        var names = Name;
        Start(string.Join(", ", names), async (_, stop) =>
        {
            var missing = names.Where(name => !WildcardPattern.ContainsWildcardCharacters(name)).ToHashSet(StringComparer.OrdinalIgnoreCase);
            await foreach (var machine in Provider is null ? Engine.MachinesAsync(null, stop) : Engine.Provider(Provider).ListAsync(null, stop))
            {
                missing.ExceptWith([machine.Name, machine.Lab]);
                if (names.Any(name => Matches(name, machine.Name) || Matches(name, machine.Lab)))
                    Write(machine);
            }
            foreach (var name in missing)
                Fail(name, new KlException(ErrorIds.MachineNotFound, KlErrorKind.NotFound, name, $"Machine or lab '{name}' was not found.",
                    "Run Get-KlVm to list machines."));
        });
    }

    private static bool Matches(string pattern, string name) => WildcardPattern.Get(pattern, WildcardOptions.IgnoreCase).IsMatch(name);
}
