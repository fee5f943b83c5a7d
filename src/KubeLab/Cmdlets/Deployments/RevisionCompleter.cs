using System.Globalization;
using KubeLab.Engine;
using KubeLab.Engine.Flow;
using KubeLab.Pipeline.Completion;

namespace KubeLab.Cmdlets.Deployments;

/// <summary>Completes the revisions of the deployment of -Name.</summary>
public sealed class RevisionCompleter : NameCompleter
{
    private protected override async Task<IEnumerable<string?>> NamesAsync(CompletionRequest request, CancellationToken stop) =>
        request.First("Name") is not { } name ? [] : (await LabEngine.Shared.Rollouts.ListAsync(request.Parameters["Cluster"] as string,
            request.Parameters["Namespace"] as string, name, null, new Progress<LabEvent>(), stop))
            .Select(one => one.Revision.ToString(CultureInfo.InvariantCulture));
}
