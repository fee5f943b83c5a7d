using System.Management.Automation;
using System.Management.Automation.Language;
using System.Management.Automation.Runspaces;
using System.Text;
using KubeLab.Engine.Reliability.Load;

namespace KubeLab.Cmdlets.Reliability;

/// <summary>Runs a script as a probe, in runspaces of its own.</summary>
internal sealed class ScriptProbe : IDisposable
{
    private const string UsingPrefix = "__using_";
    private readonly RunspacePool _runspaces;
    private readonly string _script;

    /// <param name="probe">The script.</param>
    /// <param name="cmdlet">Its variables can be used with $using:, and its module is available to the script.</param>
    /// <param name="limit">The maximum number of scripts that run at a time.</param>
    public ScriptProbe(ScriptBlock probe, PSCmdlet cmdlet, int limit)
    {
        var state = InitialSessionState.CreateDefault2();
        if (cmdlet.MyInvocation.MyCommand.Module?.Path is { } module)
            state.ImportPSModule([module]);
        var (text, start) = (new StringBuilder(probe.Ast.Extent.Text), probe.Ast.Extent.StartOffset);
        foreach (var use in probe.Ast.FindAll(ast => ast is UsingExpressionAst { SubExpression: VariableExpressionAst }, searchNestedScriptBlocks: true)
            .Cast<UsingExpressionAst>().OrderByDescending(use => use.Extent.StartOffset))
        {
            var name = ((VariableExpressionAst)use.SubExpression).VariablePath.UserPath;
            var (at, length) = (use.Extent.StartOffset - start, use.Extent.EndOffset - use.Extent.StartOffset);
            text.Remove(at, length).Insert(at, $"${{{UsingPrefix}{name}}}");
            state.Variables.Add(new SessionStateVariableEntry(UsingPrefix + name, cmdlet.SessionState.PSVariable.GetValue(name), ""));
        }
        // Any error is a failure.
        _script = "$ErrorActionPreference = 'Stop'\n& " + (probe.Ast.Parent is null ? $"{{\n{text}\n}}" : text);
        _runspaces = RunspaceFactory.CreateRunspacePool(1, limit, state, cmdlet.Host);
        _runspaces.Open();
    }

    /// <summary>Runs the script once.</summary>
    public async Task<ProbeResult> RunAsync(CancellationToken stop)
    {
        using var shell = PowerShell.Create();
        shell.RunspacePool = _runspaces;
        shell.AddScript(_script);
        using var stopping = stop.Register(() => shell.BeginStop(null, null));
        try
        {
            using var output = await Task.Factory.FromAsync(shell.BeginInvoke(), shell.EndInvoke);
            return new(output.LastOrDefault()?.BaseObject is false ? "ReturnedFalse" : null);
        }
        catch (PipelineStoppedException)
        {
            throw new OperationCanceledException(stop);
        }
        catch (RuntimeException error)
        {
            return new(FailureReason.Of(error.InnerException ?? error));
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _runspaces.Dispose();
}
