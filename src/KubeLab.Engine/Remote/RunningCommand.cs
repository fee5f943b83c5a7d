using System.Security.Cryptography;
using System.Text;
using Renci.SshNet;
using Renci.SshNet.Common;

namespace KubeLab.Engine.Remote;

/// <summary>A running command on a connection.</summary>
internal sealed class RunningCommand : IDisposable
{
    // Long enough for a machine under load.
    private static readonly TimeSpan ResponseTimeout = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan TerminationTimeout = TimeSpan.FromSeconds(10);

    // The login shell reads its startup files, and sudo may look up names while a DNS server is down.
    private static readonly TimeSpan ShellTimeout = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan SudoTimeout = TimeSpan.FromSeconds(45);

    // Milliseconds. A server with a forced command does not end the command at all.
    private const int KillTimeout = 2000;

    // The input is written in pieces, so that writing can stop between them.
    private const int Piece = 32 << 10;

    private readonly SshLink _link;
    private readonly SshCommand _ssh;
    private readonly Task _ended;
    private readonly bool _sudo;
    private readonly TimeProvider _clock;
    private readonly OutputReader _output;
    private readonly OutputReader _error;
    private readonly Task _read;
    private readonly Task _inputSent;
    private volatile bool _isTerminating;

    private RunningCommand(SshLink link, SshCommand ssh, Task ended, HostCommand command, bool sudo, string mark, TimeProvider clock)
    {
        (_link, _ssh, _ended, _sudo, _clock) = (link, ssh, ended, sudo, clock);
        var gate = new Lock();
        Action<OutputLine>? report = command.Output is null ? null : line =>
        {
            lock (gate)
                command.Output(line);
        };
        _output = new(false, report, mark) { Bytes = command.OutputBytes };
        _error = new(true, report, null);
        _read = Task.WhenAll(
            Blocking.RunAsync(() => _output.Read(ssh.OutputStream)), Blocking.RunAsync(() => _error.Read(ssh.ExtendedOutputStream)));
        _inputSent = SendInputAsync(RemoteShell.CommandLine(command), command);
    }

    /// <summary>Sends a command to the machine.</summary>
    /// <exception cref="TimeoutException">The connection is dead; the command was not run.</exception>
    /// <exception cref="SshException">The connection is lost or has no free session; the command was not run.</exception>
    public static async Task<RunningCommand> StartAsync(SshLink link, HostCommand command, bool sudo, TimeProvider clock, CancellationToken stop)
    {
        var mark = "kubelab-" + RandomNumberGenerator.GetHexString(16);
        var ssh = link.Client.CreateCommand(RemoteShell.Line(sudo, mark));
        var starting = Blocking.RunAsync(() => ssh.ExecuteAsync(CancellationToken.None));
        try
        {
            return new(link, ssh, await starting.WaitAsync(ResponseTimeout, clock, stop), command, sudo, mark, clock);
        }
        catch
        {
            // The login shell may be running, and its startup files may not end.
            _ = starting.ContinueWith(_ =>
            {
                using (ssh)
                    if (starting.IsCompletedSuccessfully)
                        ssh.CancelAsync(forceKill: true, KillTimeout);
            }, CancellationToken.None, TaskContinuationOptions.LongRunning, TaskScheduler.Default);
            throw;
        }
    }

    /// <summary>Waits until the command ends.</summary>
    /// <param name="lost">Creates the error for a lost connection. The state of the command is unknown.</param>
    /// <param name="notStarted">Creates the error for a command that did not start, from how it ended, its output and whether sudo was the cause.</param>
    /// <param name="stop">Terminates the process group.</param>
    /// <returns>The result.</returns>
    /// <exception cref="OperationCanceledException">The process group was terminated.</exception>
    public async Task<CommandResult> FinishAsync(
        Func<Exception, Exception> lost, Func<string, string, bool, Exception> notStarted, CancellationToken stop)
    {
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(stop, _link.Closed);
        Exception NotStarted(string end) => notStarted(end, $"{_error}{_output}".Trim(), _sudo && _output.Shell.IsCompletedSuccessfully);
        try
        {
            if (!await IsStartedAsync(_output.Shell, ShellTimeout, linked.Token))
                throw NotStarted($"It did not start within {ShellTimeout.TotalSeconds:0} seconds");
            if (!await IsStartedAsync(_output.Group, SudoTimeout, linked.Token))
                throw NotStarted($"It did not start within {SudoTimeout.TotalSeconds:0} seconds");
            await _ended.WaitAsync(linked.Token);
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            await TerminateAsync();
            stop.ThrowIfCancellationRequested();
        }
        catch (OperationCanceledException) when (linked.IsCancellationRequested)
        {
            throw lost(new SshConnectionException("The machine no longer responds."));
        }
        catch (Exception error) when (SshFailure.IsSshError(error))
        {
            throw lost(error);
        }
        await _read;
        var exit = _ssh.ExitStatus
            ?? (_ssh.ExitSignal is null ? throw lost(new SshConnectionException("The channel was closed without an exit code.")) : -1);
        return _output.Group.IsCompletedSuccessfully ? new(exit, _output.ToString(), _error.ToString())
            : throw NotStarted($"It failed with exit code {exit}");
    }

    /// <inheritdoc/>
    public void Dispose() => _ssh.Dispose();

    /// <summary>Waits until a start step completes or the command ends. Terminates the command after the timeout.</summary>
    private async Task<bool> IsStartedAsync(Task step, TimeSpan limit, CancellationToken stop)
    {
        try
        {
            await Task.WhenAny(step, _ended).WaitAsync(limit, _clock, stop);
            return true;
        }
        catch (TimeoutException)
        {
            _isTerminating = true;
            await Blocking.RunAsync(() => _ssh.CancelAsync(forceKill: true, KillTimeout));
            await _read;
            return false;
        }
    }

    // Starts only when the command reads it. A command that sudo or the login shell rejects closes its channel, and nothing may be sent after that.
    private async Task SendInputAsync(string commandLine, HostCommand command)
    {
        try
        {
            await _output.Group;
            await Blocking.RunAsync(() =>
            {
                using var stream = _ssh.CreateInputStream();
                if (_isTerminating)
                    return;
                stream.Write(Encoding.UTF8.GetBytes(commandLine));
                for (var rest = command.Input ?? default; rest.Length > 0 && !_isTerminating; rest = rest[Math.Min(rest.Length, Piece)..])
                    stream.Write(rest.Span[..Math.Min(rest.Length, Piece)]);
                if (command.InputStream is not { } input)
                    return;
                var buffer = new byte[Piece];
                for (int read; !_isTerminating && (read = input.Read(buffer)) > 0;)
                    stream.Write(buffer, 0, read);
            });
        }
#pragma warning disable CA1031 // The command did not start or the connection was lost; the caller sees this when the command ends.
        catch (Exception)
#pragma warning restore CA1031
        {
        }
    }

    private async Task TerminateAsync()
    {
        _isTerminating = true;
        try
        {
            if (!_output.Group.IsCompletedSuccessfully)
            {
                // The command was not sent yet.
                await Blocking.RunAsync(() => _ssh.CancelAsync(forceKill: true, KillTimeout));
                return;
            }
            using var end = _link.Client.CreateCommand(RemoteShell.TerminateLine(await _output.Group, _sudo));
            await Blocking.RunAsync(end.Execute).WaitAsync(TerminationTimeout, _clock, _link.Closed);
            await Task.WhenAll(_ended, _inputSent).WaitAsync(TerminationTimeout, _clock, _link.Closed);
        }
#pragma warning disable CA1031 // The process cannot be reached or never started, and the caller is cancelling.
        catch (Exception)
#pragma warning restore CA1031
        {
        }
    }
}
