using System.Management.Automation;
using KubeLab.Engine.Flow;

namespace KubeLab.Pipeline;

/// <summary>The progress bars that a cmdlet shows: one for each target of its own work and of the cmdlets it shows progress for.</summary>
/// <param name="cmdlet">The cmdlet that writes the progress.</param>
internal sealed class ProgressBoard(KlCmdlet cmdlet)
{
    private readonly Dictionary<(KlCmdlet Of, string Target), int> _ids = [];
    private readonly HashSet<(KlCmdlet Of, string Target)> _visible = [];
    private readonly Dictionary<string, LabEvent> _delegated = [];

    /// <summary>Remembers a step that another cmdlet shows, because this one cannot write yet.</summary>
    public void Delegate(LabEvent step) => _delegated[step.Target] = step;

    /// <summary>Shows the steps that another cmdlet has shown so far.</summary>
    public void ShowDelegated()
    {
        foreach (var step in _delegated.Values.ToList())
            Show(cmdlet, step);
    }

    /// <summary>Shows a step.</summary>
    /// <param name="of">The cmdlet whose step it is.</param>
    /// <param name="step">The step.</param>
    public void Show(KlCmdlet of, LabEvent step)
    {
        var bar = (of, step.Target);
        _delegated.Remove(step.Target);
        _visible.Add(bar);
        if (!_ids.TryGetValue(bar, out var id))
            _ids[bar] = id = _ids.Count + 1;
        cmdlet.WriteProgress(new(id, Printable.Text(step.Target), Printable.Text(step.Message)) { PercentComplete = step.Percent ?? -1 });
    }

    /// <summary>Removes the bar of a target.</summary>
    public void End(KlCmdlet of, string target)
    {
        _delegated.Remove(target);
        if (_visible.Remove((of, target)))
            cmdlet.WriteProgress(new(_ids[(of, target)], Printable.Text(target), "done") { RecordType = ProgressRecordType.Completed });
    }

    /// <summary>Removes all bars.</summary>
    public void EndAll()
    {
        foreach (var (of, target) in _visible.ToList())
            End(of, target);
    }
}
