using System.Management.Automation;
using KubeLab.Pipeline;

namespace KubeLab.Cmdlets.Machines;

/// <summary>Shows the machines there are, with their state as the provider has it now.</summary>
/// <example><summary>All machines.</summary><code>Get-KlVm</code></example>
/// <example><summary>Those of the lab kubernetes.</summary><code>Get-KlVm kubernetes</code></example>
/// <example><summary>The second machine of each lab.</summary><code>Get-KlVm *-2</code></example>
[Cmdlet(VerbsCommon.Get, "KlVm")]
[OutputType(typeof(Machine))]
public sealed class GetKlVm : KlCmdlet
{
    /// <summary>Names of machines or labs; wildcards are welcome. All where it is not given.</summary>
    [Parameter(Position = 0, ValueFromPipelineByPropertyName = true)]
    [ArgumentCompleter(typeof(MachineCompleter))]
    [SupportsWildcards]
    public string[] Name { get; set; } = ["*"];

    /// <summary>Where the machines come from; all providers where it is not given.</summary>
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
                Fail(name, new KlException(ErrorIds.MachineNotFound, KlErrorKind.NotFound, name, $"There is no machine or lab '{name}'.", "Get-KlVm without -Name shows what there is."));
        });
    }

    private static bool Matches(string pattern, string name) => WildcardPattern.Get(pattern, WildcardOptions.IgnoreCase).IsMatch(name);
}
