using System.Globalization;
using System.Management.Automation.Host;

namespace KubeLab.Host;

/// <summary>The host that the PowerShell engine sees: a console that runs one script.</summary>
internal sealed class ConsoleHost(Terminal terminal, bool nonInteractive) : PSHost, IDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private readonly ConsoleUi _ui = new(terminal, nonInteractive);

    /// <summary>Signalled by Ctrl+C.</summary>
    public CancellationToken Stopping => _stop.Token;

    /// <summary>What exit said, or null where nothing did.</summary>
    public int? ExitCode { get; private set; }

    /// <inheritdoc/>
    public override string Name => "KubeLab.Host";

    /// <inheritdoc/>
    public override Version Version { get; } = typeof(ConsoleHost).Assembly.GetName().Version!;

    /// <inheritdoc/>
    public override Guid InstanceId { get; } = Guid.NewGuid();

    /// <inheritdoc/>
    public override PSHostUserInterface UI => _ui;

    /// <inheritdoc/>
    public override CultureInfo CurrentCulture { get; } = new English();

    /// <inheritdoc/>
    public override CultureInfo CurrentUICulture => CultureInfo.CurrentUICulture;

    /// <summary>Ctrl+C: ends the pipeline, and a prompt that waits for an answer.</summary>
    public void Stop()
    {
        _ui.Stop();
        _stop.Cancel();
    }

    /// <summary>From now on all that is shown is the error that ended the script.</summary>
    public void LastWords() => _ui.AllIsError = true;

    /// <inheritdoc/>
    public override void SetShouldExit(int exitCode) => ExitCode = exitCode;

    /// <inheritdoc/>
    public override void NotifyBeginApplication() => _ui.GiveWay(true);

    /// <inheritdoc/>
    public override void NotifyEndApplication() => _ui.GiveWay(false);

    /// <inheritdoc/>
    public override void EnterNestedPrompt() => throw new HostException("This console runs scripts; it has no nested prompt.");

    /// <inheritdoc/>
    public override void ExitNestedPrompt() => throw new HostException("This console runs scripts; it has no nested prompt.");

    /// <inheritdoc/>
    public void Dispose()
    {
        _ui.Dispose();
        _stop.Dispose();
    }

    /// <summary>The formatter wraps at words in languages that it knows by name, and the invariant culture of this process is none.</summary>
    private sealed class English() : CultureInfo("")
    {
        public override string TwoLetterISOLanguageName => "en";
    }
}
